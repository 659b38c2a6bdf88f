/** `check --unit`: prints, or writes, the drop-in that a configuration needs beyond the unit. */
import { chmod, mkdir, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readWhole, replaceFile } from '../checkpoint/whole-file.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { errors, exitCodes, ShipperError } from '../errors.js'
import { findNeeds, placesHere, type UnitNeeds, type UnitPlaces } from './check-unit-needs.js'

const MARK = '# Written by `mailman-shipper check --unit --write`'
const NEXT = 'systemctl daemon-reload && systemctl restart mailman-shipper'

export interface UnitIo {
  /** One line; a newline is added. */
  out(line: string): void
  err(line: string): void
}

export interface UnitOptions {
  readonly json: boolean
  readonly write: boolean
  readonly places?: UnitPlaces
  readonly isRoot?: boolean
}

/** @returns the exit code  @throws ShipperError MLS_UNIT_, MLS_CONFIG_ */
export async function runCheckUnit(
  path: string | undefined,
  { json, write, places = placesHere, isRoot = process.getuid?.() === 0 }: UnitOptions,
  io: UnitIo,
): Promise<number> {
  const { dropIn } = places
  if (write && !isRoot) throw new ShipperError('MLS_UNIT_UNWRITABLE', `only root may write ${dropIn}`)
  const needs = await findNeeds(path, places)
  const isWhole = needs.missing.length === 0
  const text = sayDropIn(needs)
  for (const line of [...needs.remarks, ...needs.missing]) io.err(printable(`warning: ${line}`))
  if (write && !isWhole) throw new ShipperError('MLS_UNIT_INCOMPLETE', `${dropIn} is as it was`)
  const done = write ? await put(dropIn, needs.settings.length === 0 ? undefined : text) : 'printed'
  if (json) {
    const { settings, remarks, missing } = needs
    io.out(printableJson(JSON.stringify({ ok: isWhole, dropIn, done, settings, warnings: remarks, missing })))
  } else if (!write) for (const line of text.split('\n')) io.out(line)
  if (done === 'written' || done === 'removed') io.err(`${dropIn} was ${done}. Now: ${NEXT}`)
  if (done === 'unchanged') io.err(`${needs.settings.length === 0 ? 'No drop-in is needed' : `${dropIn} is up to date`}.`)
  if (!write && !isWhole) io.err(`warning: ${errors.MLS_UNIT_INCOMPLETE.message}. ${errors.MLS_UNIT_INCOMPLETE.remedy}`)
  return isWhole ? exitCodes.ok : errors.MLS_UNIT_INCOMPLETE.exit
}

/** Without its last newline. Has no time in it: the same needs are the same text. */
export function sayDropIn({ unitFile, configFile, settings, remarks, missing }: UnitNeeds): string {
  const lines = [`${MARK}, which writes it anew: change the configuration, not this.`]
  lines.push(`# The configuration (${configFile}) needs ${settings.length === 0 ? 'nothing' : 'this'} beyond ${unitFile}.`)
  lines.push(...remarks.map(each => `# ${each}`), ...missing.map(each => `# Missing: ${each}`))
  if (settings.length > 0) lines.push('', '[Service]')
  let before = ''
  for (const { name, value, why } of settings) {
    if (why !== before) lines.push(`# ${why}`)
    before = why
    lines.push(`${name}=${value}`)
  }
  return lines.map(line => printable(line)).join('\n')
}

/** @param text undefined: there should be none  @throws ShipperError MLS_UNIT_UNWRITABLE; what was there is untouched then */
async function put(path: string, text: string | undefined): Promise<'written' | 'removed' | 'unchanged'> {
  try {
    const before = await readWhole(path)
    if (before === (text === undefined ? undefined : `${text}\n`)) return 'unchanged'
    if (before !== undefined && !before.startsWith(MARK))
      throw new ShipperError('MLS_UNIT_UNWRITABLE', `${path} was not written by this command: give it another name`)
    if (text === undefined) {
      await unlink(path)
      // Others' drop-ins keep it.
      await rmdir(dirname(path)).catch(() => {})
      return 'removed'
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    await replaceFile(path, `${text}\n`)
    await chmod(path, 0o644)
    return 'written'
  } catch (error) {
    if (error instanceof ShipperError) throw error
    throw new ShipperError('MLS_UNIT_UNWRITABLE', `${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`)
  }
}
