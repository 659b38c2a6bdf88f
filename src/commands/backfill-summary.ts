/** What `backfill` says at its end. */
import { durationOf } from '../diagnostics/progress.js'

/** What `--json` prints. */
export interface BackfillResult {
  /** All files were read, and all events are settled. */
  readonly complete: boolean
  /** Read to their end. */
  readonly files: number
  /** Those of them that an earlier run had read. */
  readonly filesKnown: number
  /** Those of them whose last record may still grow: the agent ships it. */
  readonly filesOpen: number
  /** Files that could not be read, or not to their end. */
  readonly refused: readonly string[]
  readonly stored: number
  /** Events that were stored before. */
  readonly duplicates: number
  readonly setAside: number
  readonly seconds: number
}

export function describeResult(result: BackfillResult): string {
  const { complete, files, filesKnown, filesOpen, refused, stored, duplicates, setAside, seconds } = result
  const lines = [
    `${some(files, 'file')} read in ${durationOf(seconds * 1000)}: ${number(stored)} events stored, ${number(duplicates)} known before, ${number(setAside)} set aside.`,
  ]
  if (setAside > 0) lines.push('Why documents were set aside: mailman-shipper set-aside list.')
  if (filesKnown > 0) lines.push(`${some(filesKnown, 'of them', 'of them')} had been read before; --again reads them anew.`)
  if (filesOpen > 0) lines.push(`The last record of ${some(filesOpen, 'file')} may still grow: it is left to the agent.`)
  if (refused.length > 0) lines.push(`${some(refused.length, 'file')} could not be read, or not to the end: see above.`)
  if (!complete) lines.push('Stopped before all was read; the same command goes on from here.')
  return lines.join('\n')
}

const number = (count: number): string => count.toLocaleString('en')
const some = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`
