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

/** What became of each the last time: all are packed each second, and few of them are new. */
const packedBefore = new WeakMap<SavedGeneration, Packed>()

export function pack(generations: readonly SavedGeneration[]): { generations: Packed[]; writeIndexes?: Table } {
  const texts: string[] = []
  const places = new Map<WriteIndexes, number>()
  const placeOf = (since: WriteIndexes): number => {
    const text = JSON.stringify(Object.fromEntries(since))
    if (!texts.includes(text) && texts.length < MAX_TABLE) texts.push(text)
    const place = texts.indexOf(text)
    places.set(since, place)
    return place
  }
  const packed = generations.map(generation => {
    const { since } = generation
    const place = since === undefined ? -1 : (places.get(since) ?? placeOf(since))
    const before = packedBefore.get(generation)
    if (before !== undefined && (before.since ?? -1) === place) return before
    const now = shorten(generation, place)
    packedBefore.set(generation, now)
    return now
  })
  return texts.length === 0 ? { generations: packed } : { generations: packed, writeIndexes: texts.map(text => JSON.parse(text)) }
}

/** @param place of its `since` in the table; -1: it has none */
function shorten({ since: _, compressed, cuts, suspectPid, suspectMs, ...generation }: SavedGeneration, place: number): Packed {
  return {
    ...generation,
    ...(compressed && { compressed }),
    ...(cuts.length > 0 && { cuts }),
    ...(suspectPid !== 0 && { suspectPid, suspectMs }),
    ...(place >= 0 && { since: place }),
  }
}

/** @param table absent in what an older version wrote */
export function unpack(packed: readonly Packed[], table: Table = []): SavedGeneration[] {
  const maps = table.map((entry): WriteIndexes => new Map(Object.entries(entry)))
  return packed.map(({ since, ...short }) => {
    const map = since === undefined ? undefined : maps[since]
    return map === undefined ? { ...usual, ...short } : { ...usual, ...short, since: map }
  })
}
