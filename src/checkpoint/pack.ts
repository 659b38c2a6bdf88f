/**
 * Generations as a slot holds them: short, since there may be thousands. What says nothing is left out, and since when the rest of
 * each may be stored, where nearly all have the same to say, stands once, in a table in which generations name their place.
 */
import type { SavedGeneration, WriteIndexes } from '../model.js'

/** The state is bounded: what has no place any more may be stored anywhere, which costs look-ups and nothing else. */
const MAX_TABLE = 16

/** What most of them say. */
const usual = { compressed: false, cuts: [] as readonly number[], suspectPid: 0, suspectMs: 0 } as const

type Usual = keyof typeof usual
type Packed = Omit<SavedGeneration, 'since' | Usual> & Partial<Pick<SavedGeneration, Usual>> & { readonly since?: number }
type Table = readonly Readonly<Record<string, string>>[]

export function pack(generations: readonly SavedGeneration[]): { generations: Packed[]; writeIndexes?: Table } {
  const texts: string[] = []
  const packed = generations.map(({ since, compressed, cuts, suspectPid, suspectMs, ...generation }): Packed => {
    const short: Packed = {
      ...generation,
      ...(compressed && { compressed }),
      ...(cuts.length > 0 && { cuts }),
      ...(suspectPid !== 0 && { suspectPid, suspectMs }),
    }
    if (since === undefined) return short
    const text = JSON.stringify(Object.fromEntries(since))
    if (!texts.includes(text) && texts.length < MAX_TABLE) texts.push(text)
    const place = texts.indexOf(text)
    return place < 0 ? short : { ...short, since: place }
  })
  return texts.length === 0 ? { generations: packed } : { generations: packed, writeIndexes: texts.map(text => JSON.parse(text)) }
}

/** @param table absent in what an older version wrote */
export function unpack(packed: readonly Packed[], table: Table = []): SavedGeneration[] {
  const maps = table.map((entry): WriteIndexes => new Map(Object.entries(entry)))
  return packed.map(({ since, ...short }) => {
    const map = since === undefined ? undefined : maps[since]
    return map === undefined ? { ...usual, ...short } : { ...usual, ...short, since: map }
  })
}
