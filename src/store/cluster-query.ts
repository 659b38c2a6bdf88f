/**
 * Questions to Elasticsearch, over the data streams of one namespace. Needs `read` on them, nothing more. User text is only
 * ever a value in the query, never query syntax. Rejects with the client's own errors: whoever asks turns them into a
 * sentence (delivery/trouble.ts), and never shows them.
 */
import type { Client, estypes } from '@elastic/elasticsearch'
import { type FieldName, fields } from '../../parsers/_fields.js'
import {
  addressFields,
  type EventQuery,
  type EventStore,
  MAX_HITS,
  readAddresses,
  readList,
  readMessageId,
  type StoredEvent,
  wordFields,
} from './query.js'
import { countWords, readTerms, type Term } from './terms.js'

type Query = estypes.QueryDslQueryContainer
type Hit = { readonly _id?: string; readonly _source?: StoredEvent['document'] }

// Where the word is not alone (`ann@exam*`), a beginning that more words share than this finds only the first of them.
const MAX_EXPANSIONS = 1000

const textFields = wordFields.map(name => (fields[name].type === 'text' ? name : `${name}.text`))

/** @param client stays the caller's: close() leaves it open */
export function openClusterStore(client: Client, namespace: string): EventStore {
  const where = {
    index: `logs-mailman.*-${namespace}`,
    // No stream yet, or some not: no events, and no trouble. A shard that does not answer is trouble: half an answer misleads.
    ignore_unavailable: true,
    allow_no_indices: true,
    allow_partial_search_results: false,
  }
  return {
    async search(query) {
      const order = query.order === 'newest' ? 'desc' : 'asc'
      const answer = await client.search<StoredEvent['document']>({
        ...where,
        query: filterOf(query),
        size: Math.min(query.limit, MAX_HITS),
        track_total_hits: true,
        sort: [
          { '@timestamp': { order, unmapped_type: 'date' } },
          { 'log.offset': { order, unmapped_type: 'long' } },
          { 'event.id': { order, unmapped_type: 'keyword' } },
        ],
      })
      const total = typeof answer.hits.total === 'object' ? answer.hits.total.value : (answer.hits.total ?? 0)
      return { total, hits: answer.hits.hits.map(storedEvent) }
    },

    async histogram(query, bucketMs) {
      const answer = await client.search<unknown, { buckets?: { buckets: { key: number; doc_count: number }[] } }>({
        ...where,
        query: filterOf(query),
        size: 0,
        aggs: { buckets: { date_histogram: { field: '@timestamp', fixed_interval: `${bucketMs}ms`, min_doc_count: 1 } } },
      })
      // No aggregation comes back where there is no index at all.
      return (answer.aggregations?.buckets?.buckets ?? []).map(({ key, doc_count }) => ({ startMs: key, count: doc_count }))
    },

    async terms(query: EventQuery, field: FieldName, size: number) {
      const answer = await client.search<unknown, { values?: { buckets: { key: string; doc_count: number }[] } }>({
        ...where,
        query: filterOf(query),
        size: 0,
        // Each shard offers more than is asked for, so that the counts of those that are shown are right.
        aggs: { values: { terms: { field, size, shard_size: size * 10 + 1000 } } },
      })
      return (answer.aggregations?.values?.buckets ?? []).map(({ key, doc_count }) => ({ value: String(key), count: doc_count }))
    },

    async byId(id) {
      const query = { ids: { values: [id] } }
      const answer = await client.search<StoredEvent['document']>({ ...where, query, size: 1 })
      const [hit] = answer.hits.hits
      return hit && storedEvent(hit)
    },

    async close() {},
  }
}

function filterOf(query: EventQuery): Query {
  const filter: Query[] = readTerms(query.text ?? '').map(termQuery)
  const exactly = (field: string, value: string | undefined) => {
    if (value !== undefined) filter.push({ term: { [field]: { value } } })
  }
  if (query.list !== undefined) {
    const { field, value } = readList(query.list)
    exactly(field, value)
  }
  exactly('event.action', query.action)
  exactly('event.dataset', query.dataset)
  exactly('mailman.hold.reason', query.reason)
  exactly('email.message_id', query.messageId === undefined ? undefined : readMessageId(query.messageId))
  const addresses = readAddresses(query.address).map(address => address.toLowerCase())
  if (addresses.length > 0) filter.push(anyOf(addressFields.map(field => ({ terms: { [field]: addresses } }))))
  if (query.sinceMs !== undefined || query.untilMs !== undefined) {
    const format = 'epoch_millis'
    filter.push({ range: { '@timestamp': { gte: query.sinceMs, lt: query.untilMs, format } } })
  }
  return { bool: { filter } }
}

/** One word, or words next to each other, in any one of the fields. */
function termQuery({ text, prefix }: Term): Query {
  const type = !prefix ? 'phrase' : countWords(text) === 1 ? 'bool_prefix' : 'phrase_prefix'
  const expansions = type === 'phrase_prefix' ? { max_expansions: MAX_EXPANSIONS } : {}
  return { multi_match: { query: text, type, fields: textFields, ...expansions } }
}

const anyOf = (should: Query[]): Query => ({ bool: { should, minimum_should_match: 1 } })

function storedEvent(hit: Hit): StoredEvent {
  const document = hit._source ?? {}
  return { id: hit._id ?? '', timestampMs: Date.parse(String(document['@timestamp'])), document }
}
