/**
 * The one total table: what an answer of Elasticsearch means. (HTTP status, error type, error reason) of an item → stored,
 * duplicate, retry or set aside; (status, error type) of a whole request → a hold-up.
 *
 * Total, and careful in one direction: only what is known to be the document's own fault is set aside, everything unknown is
 * sent again, loudly. Error types rather than statuses decide where servers disagree (F58: a read-only index is 403 in old
 * servers, 429 in new ones). Reasons name status, type and field; never more, since the server quotes values (F70).
 */
import type { ErrorCode } from '../errors.js'
import type { HoldUp, Outcome } from '../model.js'

/** An item's answer as it comes over the wire; nothing of it is trusted. */
export interface ItemError {
  readonly type?: unknown
  readonly reason?: unknown
}

export type Verdict = { readonly outcome: Outcome; readonly code?: ErrorCode }

const stored: Verdict = { outcome: { status: 'stored' } }
const duplicate: Verdict = { outcome: { status: 'duplicate' } }

/** Types that speak of this one document: sent again they would be refused again (F53). */
const documentErrors = new Set([
  'document_parsing_exception',
  'mapper_parsing_exception',
  'strict_dynamic_mapping_exception',
  'illegal_argument_exception',
  'parse_exception',
  'parsing_exception',
  'x_content_parse_exception',
  'json_parse_exception',
  'json_e_o_f_exception',
  'number_format_exception',
  'date_time_parse_exception',
])

/** The same type with one of these words speaks of the cluster's set-up, so that every document would be set aside. */
const setupWords = /^pipeline\b|\bpipeline with id\b|\bwrite index\b|\bshards open\b|\btemplate\b|\bop_type\b/

const codes = new Map<string, ErrorCode>([
  ['cluster_block_exception', 'MLS_OUTPUT_READONLY'],
  ['security_exception', 'MLS_OUTPUT_FORBIDDEN'],
  ['index_not_found_exception', 'MLS_OUTPUT_TEMPLATE'],
  ['es_rejected_execution_exception', 'MLS_OUTPUT_BUSY'],
  ['circuit_breaking_exception', 'MLS_OUTPUT_BUSY'],
])

/** @param status of one item, @param error its `error`, if it has one */
export function judgeItem(status: unknown, error: ItemError | undefined): Verdict {
  if (typeof status !== 'number') return retry('MLS_OUTPUT_NOT_ELASTICSEARCH', 'an item without a status')
  const type = safeType(error?.type)
  if (error === undefined && status >= 200 && status < 300) return stored
  if (status === 409 && type === 'version_conflict_engine_exception') return duplicate
  const reason = type === undefined ? `${status}` : `${status} ${type}`
  const known = codeOfType(status, type)
  if (known !== undefined) return retry(known, reason)
  if (status === 400 && type !== undefined && documentErrors.has(type)) {
    const text = typeof error?.reason === 'string' ? error.reason : ''
    if (setupWords.test(text)) return retry('MLS_OUTPUT_SERVER', `${reason}: the cluster is not set up for it`)
    return { outcome: { status: 'set-aside', reason: reason + fieldOf(text) } }
  }
  if (status === 413) return { outcome: { status: 'set-aside', reason: `${reason}: too large by itself` } }
  return retry(codeOf(status), reason)
}

function retry(code: ErrorCode, reason: string): Verdict {
  return { outcome: { status: 'retry', reason }, code }
}

/**
 * The answer to a request that was refused as a whole.
 * @param isElasticsearch whether it is known to be its own answer; a proxy's refusals are read by status alone
 */
export function holdUpOf(status: number, type: string | undefined, isElasticsearch: boolean): HoldUp {
  const known = codeOfType(status, type)
  const detail = type === undefined ? `status ${status}` : `status ${status}, ${type}`
  // A missing template and a missing index look alike only for items; a whole request knows no index.
  // Elasticsearch answers a wrong key with `security_exception` too: there the status decides.
  if (known !== undefined && known !== 'MLS_OUTPUT_TEMPLATE' && status !== 401) return { code: known, detail }
  if (isElasticsearch || [413, 429, 502, 503, 504].includes(status)) return { code: codeOf(status), detail }
  return { code: 'MLS_OUTPUT_NOT_ELASTICSEARCH', detail }
}

function codeOfType(status: number, type: string | undefined): ErrorCode | undefined {
  // The same type says that a cluster has not recovered or has no master: nothing is full then.
  if (type === 'cluster_block_exception' && status === 503) return 'MLS_OUTPUT_SERVER'
  return type === undefined ? undefined : codes.get(type)
}

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'MLS_OUTPUT_AUTH'
    case 403:
      return 'MLS_OUTPUT_FORBIDDEN'
    case 413:
      return 'MLS_OUTPUT_TOO_LARGE'
    case 429:
      return 'MLS_OUTPUT_BUSY'
    case 502:
    case 504:
      return 'MLS_OUTPUT_UNREACHABLE'
    default:
      return 'MLS_OUTPUT_SERVER'
  }
}

/** An error type in the server's own alphabet, or undefined: nothing else of it is ever shown. */
export function safeType(type: unknown): string | undefined {
  return typeof type === 'string' && /^[a-z][a-z0-9_]{0,79}$/.test(type) ? type : undefined
}

// Anchored at the server's own words: what follows may quote the document, which could imitate them.
const fieldPattern = /^(?:\[\d+:\d+\] )?(?:failed to parse field|object mapping for) \[([\w@][\w.@-]{0,99})\]/

function fieldOf(reason: string): string {
  const field = fieldPattern.exec(reason)?.[1]
  return field === undefined ? '' : `, field ${field}`
}
