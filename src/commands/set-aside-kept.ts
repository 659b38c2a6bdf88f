/** What `set-aside` and `status` tell of the documents that were set aside. Nothing of it is escaped yet. */
import { readSetAside, type SetAsideContent } from '../delivery/set-aside-file.js'
import { explainReason } from '../delivery/set-aside-reasons.js'
import { ShipperError } from '../errors.js'
import { textAt, valueAt } from '../store/entry.js'
import { sayBytes } from './check-host.js'

/** Where a document comes from; '' and undefined where it does not say. */
export interface Origin {
  readonly id: string
  /** `mailman.vette` */
  readonly dataset: string
  readonly path: string
  readonly offset: number | undefined
}

/** @throws ShipperError MLS_STATE_UNREADABLE */
export async function openSetAside(directory: string): Promise<SetAsideContent> {
  return readSetAside(directory).catch((error: NodeJS.ErrnoException) => {
    throw new ShipperError('MLS_STATE_UNREADABLE', `${directory} (${error.code})`)
  })
}

/** In short. */
export interface Kept {
  readonly documents: number
  /** Of the file. */
  readonly bytes: number
  readonly damaged: number
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
}

/** @throws ShipperError MLS_STATE_UNREADABLE */
export async function lookAtSetAside(directory: string): Promise<Kept> {
  const { bytes, entries, damaged } = await openSetAside(directory)
  const reasons = countReasons(entries.map(({ reason }) => reason))
  return { documents: entries.length, bytes, damaged: damaged.length, reasons }
}

/** For `status`: nothing where nothing is set aside. */
export function sayKept({ documents, bytes, damaged, reasons }: Kept): string[] {
  const lines: string[] = []
  const [most] = reasons
  if (most !== undefined) {
    const which = reasons.length === 1 ? 'because' : `${most.count} of them because`
    lines.push(`${sayCount(documents)} set aside (${sayBytes(bytes)}), ${which} ${explainReason(most.reason).says}.`)
    lines.push('Why, and what to do: mailman-shipper set-aside list; then: mailman-shipper set-aside retry.')
  }
  if (damaged > 0) lines.push(`${damaged} damaged line(s) among the documents that were set aside cannot be read.`)
  return lines
}

export function originOf(document: Buffer): Origin {
  const whole = parse(document)
  const offset = valueAt(whole, ['log', 'offset'])
  return {
    id: textAt(whole, ['event', 'id']) ?? '',
    dataset: textAt(whole, ['event', 'dataset']) ?? '',
    path: textAt(whole, ['log', 'file', 'path']) ?? '',
    offset: typeof offset === 'number' ? offset : undefined,
  }
}

/** The most frequent first. */
export function countReasons(reasons: readonly string[]): { readonly reason: string; readonly count: number }[] {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count)
}

export function sayCount(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'document' : 'documents'}`
}

function parse(document: Buffer): unknown {
  try {
    return JSON.parse(document.toString())
  } catch {
    return undefined
  }
}
