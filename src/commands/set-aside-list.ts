/** `set-aside list`: which documents were refused, when and why. The documents themselves only where they are asked for. */
import { join } from 'node:path'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import { type KeptEntry, SET_ASIDE_FILE, type SetAsideContent } from '../delivery/set-aside-file.js'
import { explainReason } from '../delivery/set-aside-reasons.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { sayBytes } from './check-host.js'
import { countReasons, openSetAside, originOf, sayCount } from './set-aside-kept.js'

export interface ListArguments {
  config?: string | undefined
  json?: boolean | undefined
  limit?: number | undefined
  showDocuments?: boolean | undefined
}

const DEFAULT_LIMIT = 50

/** @throws ShipperError MLS_STATE_UNREADABLE, MLS_USAGE_INVALID */
export async function runList(given: ListArguments, out: (line: string) => void): Promise<void> {
  const limit = given.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1) throw new ShipperError('MLS_USAGE_INVALID', '--limit: a number from 1 on is wanted')
  const { directory } = (await loadConfig(given.config)).state
  const content = await openSetAside(directory)
  const file = join(directory, SET_ASIDE_FILE)
  const shown = content.entries.slice(-limit)
  const withDocuments = given.showDocuments === true
  if (given.json) {
    const { bytes, entries, damaged } = content
    const reasons = countReasons(entries.map(({ reason }) => reason)).map(each => ({ ...each, ...explainReason(each.reason) }))
    const documents = shown.map(entry => toJson(entry, withDocuments))
    out(printableJson(JSON.stringify({ file, bytes, total: entries.length, damaged: damaged.length, reasons, documents })))
    return
  }
  for (const line of describe(file, content, shown, withDocuments)) out(printable(line))
}

function toJson({ at, reason, document }: KeptEntry, withDocument: boolean): object {
  const { id, dataset, path, offset } = originOf(document)
  return { at, dataset, path, offset, id, reason, ...(withDocument ? { document: document.toString() } : {}) }
}

function* describe(
  file: string,
  { bytes, entries, damaged }: SetAsideContent,
  shown: readonly KeptEntry[],
  withDocuments: boolean,
): Generator<string> {
  if (entries.length === 0) yield 'Nothing is set aside.'
  else yield `${sayCount(entries.length)} set aside in ${file} (${sayBytes(bytes)})`
  if (damaged.length > 0) yield `${damaged.length} damaged line(s) in ${file} cannot be read; they are left there.`
  if (entries.length === 0) return
  const reasons = countReasons(entries.map(({ reason }) => reason))
  for (const { reason, count } of reasons) {
    const { says, mend } = explainReason(reason)
    yield `${`${count}`.padStart(6)}  ${says} (${reason})`
    if (mend !== '') yield `        ${mend}`
  }
  yield ''
  for (const { at, reason, document } of shown) {
    const { id, dataset, path, offset } = originOf(document)
    yield `${at}  ${dataset.replace(/^mailman\./, '')}  ${path} at byte ${offset ?? '?'}  ${id}`
    yield `    ${explainReason(reason).says} (${reason})`
    if (withDocuments) yield `    ${document.toString()}`
  }
  yield ''
  if (shown.length < entries.length) yield `The newest ${shown.length} of ${entries.length}; more with --limit.`
  yield 'When the cause is mended: mailman-shipper set-aside retry'
}

export const list = {
  command: 'list',
  describe: 'Which documents were refused, when, and why; the newest come last',
  builder: (yargs: Argv) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'For machines' })
      .option('limit', { type: 'number', requiresArg: true, default: DEFAULT_LIMIT, describe: 'At most so many, the newest' })
      .option('show-documents', {
        type: 'boolean',
        default: false,
        describe: 'The documents too: they hold what the log holds, addresses among it',
      })
      .example('$0 set-aside list', 'how many for which reason, and the last of them')
      .example('$0 set-aside list --json --limit 100000 | jq -r .documents[].path | sort | uniq -c', 'how many of each file')
      .epilogue('Exit code 0, also where nothing is set aside.'),
  handler: (given: ArgumentsCamelCase<ListArguments>) => runList(given, line => void process.stdout.write(`${line}\n`)),
}
