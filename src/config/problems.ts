/** What is wrong with a configuration, said in sentences: all of it at once, unknown names with the name that was meant. */
import { datasetOf, logs, ownDatasets } from '../../parsers/_logs.js'
import { printable } from '../diagnostics/printable.js'
import { describeAlertContradictions } from './alerts-problems.js'
import { alertOptions, alertSections } from './alerts-schema.js'
import { askMyList, askMyListMail, schema, sections } from './schema.js'
import type { Issue } from './shape.js'
import { valueAt } from './value-at.js'

export interface Problem {
  readonly path: readonly PropertyKey[]
  readonly sentence: string
}

const sectionNames = Object.keys(schema.options)
const optionNames = new Map([
  ...Object.entries(sections).map(([section, options]): [string, string[]] => [section, Object.keys(options)]),
  ['web.askMyList', [...Object.keys(askMyList), 'mail']],
  ['web.askMyList.mail', Object.keys(askMyListMail)],
  ['alerts', Object.keys(alertOptions)],
  ...Object.entries(alertSections).map(([part, options]): [string, string[]] => [`alerts.${part}`, Object.keys(options)]),
  ...Object.entries(alertSections.guards).map(([part, { options }]): [string, string[]] => [
    `alerts.guards.${part}`,
    Object.keys(options),
  ]),
])

/** Values are never repeated: a secret may stand in the wrong place. */
export function describeIssues(issues: readonly Issue[], value: unknown): Problem[] {
  return issues.map(({ path, sentence }) => {
    if (sentence === undefined) return describeUnknown(path)
    return { path, sentence: valueAt(value, path) === null ? 'is empty; give it a value or remove the line' : sentence }
  })
}

/** Rules that more than one option has a part in. They look at the file's value, since they are said beside the other problems. */
export function describeContradictions(value: unknown): Problem[] {
  const given = (...path: string[]) => valueAt(value, path) !== undefined
  const problems: Problem[] = []
  const add = (path: readonly string[], sentence: string) => problems.push({ path, sentence })
  if (given('ndjson') && given('elasticsearch')) add(['ndjson'], 'cannot be beside elasticsearch; events go to one output')
  if (given('elasticsearch', 'apiKeyFile') && given('elasticsearch', 'username'))
    add(['elasticsearch', 'username'], 'cannot be beside elasticsearch.apiKeyFile; use one of them')
  if (given('elasticsearch', 'username') && !given('elasticsearch', 'passwordFile'))
    add(['elasticsearch', 'username'], 'needs elasticsearch.passwordFile')
  if (given('elasticsearch', 'passwordFile') && !given('elasticsearch', 'username'))
    add(['elasticsearch', 'passwordFile'], 'needs elasticsearch.username')
  const own = valueAt(value, ['logs', 'names'])
  const names = Array.isArray(own) ? own.filter(name => typeof name === 'string') : []
  const seen = new Set<string>()
  for (const name of Object.keys(valueAt(value, ['local', 'keepDaysOf']) ?? {})) {
    const { dataset, sentence } = readDataset(name, names)
    if (sentence !== undefined) add(['local', 'keepDaysOf', name], sentence)
    else if (seen.has(dataset)) add(['local', 'keepDaysOf', name], 'is there twice, under another name')
    else seen.add(dataset)
  }
  const ask = valueAt(value, ['web', 'askMyList'])
  if (valueAt(ask, ['mail', 'username']) !== undefined && valueAt(ask, ['mail', 'passwordFile']) === undefined)
    add(['web', 'askMyList', 'mail', 'username'], 'needs web.askMyList.mail.passwordFile')
  if (valueAt(ask, ['mail', 'passwordFile']) !== undefined && valueAt(ask, ['mail', 'username']) === undefined)
    add(['web', 'askMyList', 'mail', 'passwordFile'], 'needs web.askMyList.mail.username')
  return [...problems, ...describeAlertContradictions(value)]
}

type ReadDataset =
  | { readonly dataset: string; readonly sentence?: undefined }
  | { readonly dataset?: undefined; readonly sentence: string }

/**
 * The dataset that a person means by `smtp-failure`, `smtp_failure` or `mailman.smtp_failure`; else what is wrong with the name.
 * @param others names besides those of the logs that Mailman writes
 */
export function readDataset(name: string, others: readonly string[]): ReadDataset {
  const valid = [...logs, ...ownDatasets, ...others].sort()
  const dataset = datasetOf(name.replace(/^mailman\./, ''))
  if (valid.some(log => datasetOf(log) === dataset)) return { dataset }
  // The longest first: `smtp_failures` begins with `smtp` too.
  const meant = nearestName(
    name.replaceAll('_', '-'),
    valid.toSorted((a, b) => b.length - a.length),
  )
  return {
    sentence:
      meant === undefined ? `unknown; valid here: ${printable(valid.join(', '))}` : `unknown; did you mean ${printable(meant)}?`,
  }
}

/** `line 3: logs.directory: unknown; did you mean logs.directories?` */
export function sayProblem({ path, sentence }: Problem, line: number | undefined): string {
  const name = path.length === 0 ? 'the file' : sayPath(path)
  return `${line === undefined ? '' : `line ${line}: `}${name}: ${sentence}`
}

function describeUnknown(path: readonly PropertyKey[]): Problem {
  const key = String(path.at(-1))
  const parents = path.slice(0, -1)
  // All items of a list have the same options.
  const section = parents.filter(step => typeof step !== 'number').join('.')
  const valid = (parents.length === 0 ? sectionNames : optionNames.get(section)) ?? []
  const meant = nearestName(key, valid)
  if (meant !== undefined) return { path, sentence: `unknown; did you mean ${sayPath([...parents, meant])}?` }
  // The right name in the wrong section.
  for (const [section, options] of optionNames) {
    if (options.includes(key)) return { path, sentence: `unknown; did you mean ${section}.${key}?` }
  }
  return { path, sentence: `unknown; valid here: ${valid.join(', ')}` }
}

/** A name that begins like it, or is a few keystrokes away; `pasword` means passwordFile. */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  if (name.length > 60) return undefined
  const lower = name.toLowerCase()
  const scored = valid.map(candidate => {
    const other = candidate.toLowerCase()
    const begins = lower.length >= 3 && (other.startsWith(lower) || lower.startsWith(other))
    return {
      candidate,
      keystrokes: begins ? 0 : Math.min(countKeystrokes(lower, other), countKeystrokes(lower, other.replace(/file$/u, ''))),
    }
  })
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (least, next) => (least === undefined || next.keystrokes < least.keystrokes ? next : least),
    undefined,
  )
  return best !== undefined && best.keystrokes <= Math.max(1, Math.floor(name.length / 3)) ? best.candidate : undefined
}

/** Levenshtein's distance: characters to insert, delete or replace. */
function countKeystrokes(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    previous = row
  }
  return previous.at(-1)!
}

function sayPath(path: readonly PropertyKey[]): string {
  const steps = path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`)).join('')
  return printable(steps.length > 120 ? `${steps.slice(0, 120)}…` : steps)
}
