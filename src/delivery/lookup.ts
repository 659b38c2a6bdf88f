/**
 * What may be stored already is looked up before it is sent again, where the data stream has rolled over meanwhile: `create`
 * compares ids within the write index only (F59).
 *
 * The backing indices that come into question are asked by `_mget`, which sees a document from the moment it is stored; a search
 * sees it after the next refresh, which may be after the rollover. The write index is one of them: `create` would ask it too, but
 * not any more where a rollover comes in between. For a batch in doubt that is two small requests, for all others nothing.
 */
import type { Client } from '@elastic/elasticsearch'
import { ShipperError } from '../errors.js'
import type { Answer, Batch, Outcome, WriteIndexes } from '../model.js'
import type { Deadline } from './deadline.js'
import { errors } from './elastic.js'
import { holdUpOf, safeType } from './outcome.js'
import { mayLookUp } from './privileges.js'

/** Items of one stream: their places in the batch, and their ids. */
type Items = readonly { readonly place: number; readonly id: string }[]

const LOST_RIGHT =
  'the key may no longer read: what is sent again after a rollover is stored twice; `mailman-shipper setup --allow-lookup` makes one that may'

const duplicate: Outcome = { status: 'duplicate' }

export class Lookup {
  readonly #namespace: string
  readonly #warn: (message: string) => void
  /** Whether the key may read; undefined: not asked yet. */
  #allowed: boolean | undefined
  #writeIndexes: WriteIndexes | undefined

  /** @param warn takes what an operator should know although delivery goes on; may be called again and again */
  constructor(namespace: string, warn: (message: string) => void) {
    this.#namespace = namespace
    this.#warn = warn
  }

  /** As of the last look-up; undefined: nothing is known, or may be. */
  get writeIndexes(): WriteIndexes | undefined {
    return this.#writeIndexes
  }

  /** Another key, or another server: what may be done is asked again. */
  forget(): void {
    this.#allowed = undefined
  }

  /**
   * The places of the items that a backing index holds. Empty where the key may not look.
   * @throws the client's error, or ShipperError: then nothing is known, and nothing may be sent
   */
  async find(client: Client, batch: Batch, doubts: readonly WriteIndexes[], deadline: Deadline): Promise<ReadonlySet<number>> {
    const { signal } = deadline
    const found = new Set<number>()
    try {
      this.#allowed ??= (await orUnknown(mayLookUp(client, this.#namespace, signal))) ?? true
      if (!this.#allowed) {
        // Where these are known, somebody could look.
        if (doubts.some(({ size }) => size > 0)) this.#warn(LOST_RIGHT)
        return found
      }
      const streams = await orUnknown(this.#resolve(client, signal))
      if (streams === undefined) this.#allowed = false
      else
        for (const [stream, items] of itemsOf(batch)) {
          let open = items
          for (const index of indexesOf(streams.get(stream) ?? [], stream, doubts)) {
            const isThere = open.length === 0 ? [] : await ask(client, index, open, signal)
            for (const [i, { place }] of open.entries()) if (isThere[i]) found.add(place)
            open = open.filter((_, i) => !isThere[i])
            deadline.restart() // many old indices are much work, not a server that hangs
          }
        }
    } catch (error) {
      // The key may have lost the right meanwhile.
      if (error instanceof errors.ResponseError && error.statusCode === 403) this.#allowed = undefined
      throw error
    }
    return found
  }

  /** Data streams with their backing indices, the write index last. */
  async #resolve(client: Client, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    const path = `/_resolve/index/logs-mailman.*-${this.#namespace}`
    const querystring = { filter_path: 'data_streams.name,data_streams.backing_indices' }
    const answer: unknown = await client.transport.request({ method: 'GET', path, querystring }, { signal })
    if (typeof answer !== 'object' || answer === null) throw strange()
    const { data_streams = [] } = answer as { data_streams?: unknown }
    if (!Array.isArray(data_streams)) throw strange()
    const streams = new Map<string, readonly string[]>()
    for (const stream of data_streams) {
      const { name, backing_indices } = (stream ?? {}) as { name?: unknown; backing_indices?: unknown }
      if (typeof name !== 'string' || !isStrings(backing_indices)) throw strange()
      streams.set(name, backing_indices)
    }
    this.#remember(streams)
    return streams
  }

  /** The same map where nothing has changed: the checkpoint keeps each map once. */
  #remember(streams: ReadonlyMap<string, readonly string[]>): void {
    const now = new Map([...streams].flatMap(([name, indexes]) => (indexes.length === 0 ? [] : [[name, indexes.at(-1)!]])))
    const before = this.#writeIndexes
    if (before?.size === now.size && [...now].every(([name, index]) => before.get(name) === index)) return
    this.#writeIndexes = now
  }
}

/** The answer to what was not found, with what was: a `duplicate` at each place of `found`. */
export function weave(answer: Answer, found: ReadonlySet<number>, count: number): Answer {
  if ('holdUp' in answer || found.size === 0) return answer
  const others = answer.outcomes.values()
  return { outcomes: Array.from({ length: count }, (_, place) => (found.has(place) ? duplicate : others.next().value!)) }
}

/**
 * The backing indices that took documents since the oldest doubt, the newest first. The write index too, which `create` would
 * ask by itself: it may be an older one by the time the documents come.
 */
function indexesOf(indexes: readonly string[], stream: string, doubts: readonly WriteIndexes[]): string[] {
  // One that is not there any more was deleted, or has another name now (shrunk, or in a snapshot): then all are asked.
  const from = Math.min(...doubts.map(doubt => Math.max(0, indexes.indexOf(doubt.get(stream) ?? ''))))
  return indexes.slice(from).reverse()
}

function itemsOf({ body, starts, documents }: Batch): Map<string, Items> {
  const streams = new Map<string, { place: number; id: string }[]>()
  for (const [place, start] of starts.entries()) {
    const { create } = JSON.parse(body.toString('latin1', start, documents[place])) as { create: { _index: string; _id: string } }
    const items = streams.get(create._index)
    if (items === undefined) streams.set(create._index, [{ place, id: create._id }])
    else items.push({ place, id: create._id })
  }
  return streams
}

/** For each item whether the index holds it. */
async function ask(client: Client, index: string, items: Items, signal: AbortSignal): Promise<boolean[]> {
  const path = `/${encodeURIComponent(index)}/_mget`
  const querystring = { _source: 'false', filter_path: 'docs.found,docs.error.type' }
  const body = { ids: items.map(({ id }) => id) }
  const answer: unknown = await client.transport.request({ method: 'POST', path, querystring, body }, { signal })
  const docs = (answer as { docs?: unknown } | null | undefined)?.docs
  if (!Array.isArray(docs) || docs.length !== items.length) throw strange()
  return docs.map((doc: { found?: unknown; error?: { type?: unknown } } | null) => {
    if (typeof doc?.found === 'boolean') return doc.found
    const type = safeType(doc?.error?.type)
    // Its time has come since it was named: what was in it is stored nowhere.
    if (type === 'index_not_found_exception') return false
    const { code } = holdUpOf(500, type, true)
    throw new ShipperError(code, `what may be stored already cannot be looked up in ${index} (${type ?? 'no answer'})`)
  })
}

/** undefined: Elasticsearch itself says that it knows no such question (security is off, or it is none of Elastic's). */
async function orUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const isAnswered = error instanceof errors.ResponseError && error.headers?.['x-elastic-product'] === 'Elasticsearch'
    if (isAnswered && [400, 404, 405].includes(error.statusCode ?? 0)) return undefined
    throw error
  }
}

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(entry => typeof entry === 'string')

const strange = (): ShipperError => new ShipperError('MLS_OUTPUT_NOT_ELASTICSEARCH', 'the answer to a look-up is not recognised')
