/**
 * Reads the body of a bulk answer that came with status 200, which proves nothing: a proxy's login page, an empty body or a
 * cut list come with 200 too (F51). Documents count as stored only if each has an item of its own that says so. An item that
 * names another document than its place says makes the whole an answer to something else; items without an id are taken too.
 */
import type { Answer, Batch, HoldUp, Outcome } from '../model.js'
import { AnswerBytes, saysAllStored } from './answer-bytes.js'
import { type ItemError, judgeItem, type Verdict } from './outcome.js'
import { hasId } from './part.js'

/** What the server is asked to answer with: 65 bytes an item where all goes well. `error.type`: refusals are filtered too. */
export const answerParts = [
  'errors',
  'items.*._id',
  'items.*.status',
  'items.*.error.type',
  'items.*.error.reason',
  'items.*.failure_store',
  'error.type',
]

const stored: Outcome = { status: 'stored' }
const allStored = (count: number): Answer => ({ outcomes: new Array<Outcome>(count).fill(stored) })

interface Item {
  readonly _id?: unknown
  readonly status?: unknown
  readonly error?: ItemError
  readonly failure_store?: unknown
}

/** @param sent what the request held */
export function readAnswer(body: unknown, sent: Batch, warn: (message: string) => void): Answer {
  if (!(body instanceof AnswerBytes)) return readItems(body, sent, warn)
  if (saysAllStored(body, sent)) return allStored(sent.starts.length)
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString())
  } catch {
    return strange('the answer is no JSON')
  }
  return readItems(parsed, sent, warn)
}

function readItems(body: unknown, sent: Batch, warn: (message: string) => void): Answer {
  if (typeof body !== 'object' || body === null) return strange('the answer is no JSON object')
  const { errors, items } = body as { errors?: unknown; items?: unknown }
  if (typeof errors !== 'boolean' || !Array.isArray(items)) return strange('the answer is not that of a bulk request')
  const { length } = sent.starts
  if (items.length !== length) return strange(`documents sent: ${length}, answered: ${items.length}`)
  return errors ? judge(items, sent, warn) : accept(items, sent, warn)
}

/** `errors` is false: a glance at each item is enough, and nothing is made for it. */
function accept(items: readonly unknown[], sent: Batch, warn: (message: string) => void): Answer {
  for (let i = 0; i < items.length; i++) {
    const item = itemOf(items[i], sent, i)
    if (typeof item?.status !== 'number' || item.status < 200 || item.status > 299) return strange('an item is not recognised')
    if (item.failure_store !== undefined) lookAtFailureStore(item, warn)
  }
  return allStored(items.length)
}

function judge(items: readonly unknown[], sent: Batch, warn: (message: string) => void): Answer {
  const verdicts: Verdict[] = []
  for (let i = 0; i < items.length; i++) {
    const item = itemOf(items[i], sent, i)
    if (item === undefined) return strange('an item is not recognised')
    if (item.failure_store !== undefined) lookAtFailureStore(item, warn)
    verdicts.push(judgeItem(item.status, item.error))
  }
  return holdUpOfAll(verdicts) ?? { outcomes: verdicts.map(verdict => verdict.outcome) }
}

/** Where nothing was taken, and for one cause, it is the cause that matters and not each document. */
function holdUpOfAll(verdicts: readonly Verdict[]): { holdUp: HoldUp } | undefined {
  const first = verdicts[0]
  if (first?.code === undefined || first.outcome.status !== 'retry') return undefined
  if (verdicts.some(verdict => verdict.code !== first.code)) return undefined
  return { holdUp: { code: first.code, detail: first.outcome.reason } }
}

/** undefined: no item, or not the one of this document. */
function itemOf(entry: unknown, sent: Batch, index: number): Item | undefined {
  const item = (entry as { create?: unknown } | null | undefined)?.create as Item | null | undefined
  if (typeof item !== 'object' || item === null) return undefined
  const { _id } = item
  return _id === undefined || (typeof _id === 'string' && hasId(sent, index, _id)) ? item : undefined
}

// Kept by the server, but not where anybody looks: the operator should.
function lookAtFailureStore(item: Item, warn: (message: string) => void): void {
  if (item.failure_store === 'used')
    warn('Elasticsearch put documents into its failure store: see the failures of logs-mailman.* (`::failures`)')
}

function strange(detail: string): Answer {
  return { holdUp: { code: 'MLS_OUTPUT_NOT_ELASTICSEARCH', detail } }
}
