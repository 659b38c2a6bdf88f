/**
 * How the checkpoint keeps since when the rest of each generation may be stored: nearly all of them have the same to say, so it
 * stands once, in a table, and generations name its place there.
 */
import type { SavedGeneration, WriteIndexes } from '../model.js'

/** The state is bounded: what has no place any more may be stored anywhere, which costs look-ups and nothing else. */
const MAX_TABLE = 16

type Packed = Omit<SavedGeneration, 'since'> & { readonly since?: number }
type Table = readonly Readonly<Record<string, string>>[]

export function packSince(generations: readonly SavedGeneration[]): { generations: Packed[]; writeIndexes?: Table } {
  const texts: string[] = []
  const packed = generations.map(({ since, ...generation }): Packed => {
    if (since === undefined) return generation
    const text = JSON.stringify(Object.fromEntries(since))
    if (!texts.includes(text) && texts.length < MAX_TABLE) texts.push(text)
    const place = texts.indexOf(text)
    return place < 0 ? generation : { ...generation, since: place }
  })
  return texts.length === 0 ? { generations: packed } : { generations: packed, writeIndexes: texts.map(text => JSON.parse(text)) }
}

/** @param table absent in what an older version wrote */
export function unpackSince(packed: readonly Packed[], table: Table = []): SavedGeneration[] {
  const maps = table.map((entry): WriteIndexes => new Map(Object.entries(entry)))
  return packed.map(({ since, ...generation }) => {
    const map = since === undefined ? undefined : maps[since]
    return map === undefined ? generation : { ...generation, since: map }
  })
}
