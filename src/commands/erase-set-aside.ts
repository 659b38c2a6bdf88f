/** The part of `erase` that is about documents that were set aside: which are the person's, and how they leave the file. */
import { existsSync } from 'node:fs'
import { type KeptEntry, temporaryOf } from '../delivery/set-aside-file.js'
import { matcherOf } from './erase-find.js'
import { openSetAside } from './set-aside-kept.js'
import { alone, removeLeftover, rewrite } from './set-aside-rewrite.js'

export interface SetAsideFound {
  readonly documents: number
  /** Lines that are none of ours, and name the address. */
  readonly damaged: number
  /** What a rewrite that was killed has left; it may hold any of them. */
  readonly hasLeftover: boolean
}

/** @returns undefined: this user may not look */
export async function findSetAside(directory: string, forms: readonly string[]): Promise<SetAsideFound | undefined> {
  const names = namesOf(forms)
  return openSetAside(directory).then(
    ({ entries, damaged }) => ({
      documents: entries.filter(({ document }) => names(document)).length,
      damaged: damaged.filter(names).length,
      hasLeftover: existsSync(temporaryOf(directory)),
    }),
    () => undefined,
  )
}

/**
 * They are gone from the file, and what is not the person's stays in its order. Beside a running agent; not beside `set-aside
 * retry`, which may be sending them. @returns how many  @throws ShipperError
 */
export async function eraseSetAside(directory: string, forms: readonly string[]): Promise<number> {
  const names = namesOf(forms)
  return alone(directory, async () => {
    await removeLeftover(directory)
    const { bytes, entries, damaged } = await openSetAside(directory)
    const isHers = ({ document }: KeptEntry): boolean => names(document)
    const count = entries.filter(isHers).length
    const stays = entries.filter(entry => !isHers(entry)).map(({ line }) => line)
    if (count > 0) await rewrite(directory, bytes, [...damaged, ...stays])
    return count
  })
}

/** What is not JSON any more is looked at as text. */
function namesOf(forms: readonly string[]): (text: Buffer) => boolean {
  const isIn = matcherOf(forms)
  return text => isIn(parse(text.toString())) !== undefined
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { text }
  } catch {
    return { text }
  }
}
