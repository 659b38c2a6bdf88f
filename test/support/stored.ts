/** What a store holds, read without our own queries: all that is taken from the program is how a row becomes a document. */

import type { Client } from '@elastic/elasticsearch'
import Database from 'libsql'
import { type DocumentRow, Documents, documentColumns } from '../../src/store/documents.js'
import { until } from './until.js'

export interface StoredDocument {
  readonly [key: string]: unknown
  readonly message: string
  readonly event: { readonly id: string; readonly action?: string }
  readonly log: { readonly offset: number; readonly file: { readonly path: string } }
}

/** Documents of the embedded store, in the order of their arrival. */
export function readEmbedded(file: string): StoredDocument[] {
  const db = new Database(file, { readonly: true })
  try {
    const documents = new Documents(db)
    const rows = db.prepare(`SELECT ${documentColumns} FROM events ORDER BY event`).raw().all([]) as DocumentRow[]
    return rows.map(row => JSON.parse(documents.text(row)) as StoredDocument)
  } finally {
    db.close()
  }
}

/** How many documents the embedded store holds. @throws where there is none */
export function countEmbedded(file: string): number {
  const db = new Database(file, { readonly: true })
  try {
    return (db.prepare('SELECT count(*) AS n FROM events').get() as { n: number }).n
  } finally {
    db.close()
  }
}

/** The same while an agent may be making it: 0 then. For waiting, not for asserting. */
export function countSoFar(file: string): number {
  try {
    return countEmbedded(file)
  } catch {
    return 0
  }
}

/** Those that arrived after a later line of their own file. @param documents in the order of their arrival */
export function findDisorder(documents: readonly StoredDocument[]): StoredDocument[] {
  const last = new Map<string, number>()
  return documents.filter(({ event, log }) => {
    const generation = event.id.slice(0, 16)
    const before = last.get(generation) ?? -1
    last.set(generation, log.offset)
    return log.offset < before
  })
}

function isNotReady(error: { statusCode?: number }): false {
  if (error.statusCode !== 503) throw error
  return false
}

/** All documents of a namespace. */
export async function readCluster(client: Client, namespace: string): Promise<StoredDocument[]> {
  const index = `logs-mailman.*-${namespace}`
  let all: StoredDocument[] = []
  // A stream whose first shard is being made has no answer yet; another may be made while this is read.
  await until(
    () =>
      client.indices
        .refresh({ index })
        .then(() => readPages(client, index))
        .then(pages => {
          all = pages
          return true
        }, isNotReady),
    () => `an answer of ${index}`,
  )
  return all
}

async function readPages(client: Client, index: string): Promise<StoredDocument[]> {
  const all: StoredDocument[] = []
  let after: unknown[] | undefined
  do {
    const { hits } = await client.search<StoredDocument>({
      index,
      size: 10_000,
      sort: [{ 'event.id': 'asc' }],
      ...(after === undefined ? {} : { search_after: after as string[] }),
    })
    for (const hit of hits.hits) all.push(hit._source!)
    after = hits.hits.at(-1)?.sort
  } while (after !== undefined)
  return all
}
