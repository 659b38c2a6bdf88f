/**
 * Deletes documents from the data streams of one namespace. A data stream takes no delete; its backing indices do, each document
 * by the index that holds it, which a search names. Needs `read` and `delete` on the streams: no key that setup makes has it.
 */
import type { Client } from '@elastic/elasticsearch'
import { ShipperError } from '../errors.js'
import { safeType } from './outcome.js'

const STEP = 1000
/** A document may be in several backing indices: where it was sent again after a rollover. */
const MAX_COPIES = 10

/**
 * @returns how many documents were deleted
 * @throws ShipperError MLS_ERASE_FORBIDDEN, MLS_OUTPUT_SERVER; else the client's error
 */
export async function eraseDocuments(client: Client, namespace: string, ids: readonly string[]): Promise<number> {
  let erased = 0
  for (let at = 0; at < ids.length; at += STEP) erased += await eraseStep(client, namespace, ids.slice(at, at + STEP))
  return erased
}

async function eraseStep(client: Client, namespace: string, values: string[]): Promise<number> {
  const { hits } = await client.search({
    index: `logs-mailman.*-${namespace}`,
    query: { ids: { values } },
    _source: false,
    size: values.length * MAX_COPIES,
    ignore_unavailable: true,
    allow_no_indices: true,
    allow_partial_search_results: false,
  })
  if (hits.hits.length === 0) return 0
  const operations = hits.hits.map(({ _index, _id }) => ({ delete: { _index, _id: _id ?? '' } }))
  const { items } = await client.bulk({ operations, refresh: true })
  let erased = 0
  for (const { delete: item } of items) {
    if (item?.status === 200) erased++
    else if (item?.status === 403) throw new ShipperError('MLS_ERASE_FORBIDDEN', 'this account may not delete')
    // 404: somebody else was faster.
    else if (item?.status !== 404)
      throw new ShipperError('MLS_OUTPUT_SERVER', `${item?.status ?? 'no answer'} ${safeType(item?.error?.type) ?? ''}`.trim())
  }
  return erased
}
