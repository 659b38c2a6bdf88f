/** A stored document → what the page shows of it, bounded: a message may hold a megabyte. */
import { actions } from '../../parsers/_actions.js'
import { holdReasons } from '../../parsers/_hold-reasons.js'
import { textAt, valueAt } from '../store/entry.js'
import type { StoredEvent } from '../store/query.js'
import type { Advice, Details, Row } from './answers.js'

const MAX_ROW_TEXT = 500
const MAX_VALUE = 20_000
const MAX_FIELDS = 300
const MAX_DEPTH = 8
/** What is for machines, and comes last. */
const plumbing = /^(?:@timestamp|agent\.|data_stream\.|ecs\.|event\.(?:id|kind|module|category|type)$|service\.)/

const advices = (table: Readonly<Record<string, Advice>>): ReadonlyMap<string, Advice> =>
  new Map(Object.entries(table).map(([name, { meaning, advice }]) => [name, { meaning, advice }]))
const adviceOfAction = advices(actions)
export const adviceOfReason = advices(holdReasons)

export function rowOf({ id, timestampMs, document }: StoredEvent): Row {
  const types = textsAt(document, 'event', 'type')
  return {
    id,
    timestampMs,
    log: textOf(document, 'event', 'dataset').replace(/^mailman\./, ''),
    list: textOf(document, 'mailman', 'list', 'name'),
    action: textOf(document, 'event', 'action'),
    host: textOf(document, 'host', 'name'),
    isFailure: textOf(document, 'event', 'outcome') === 'failure' || types.includes('error'),
    text: cut(textOf(document, 'message'), MAX_ROW_TEXT),
    reasons: textsAt(document, 'mailman', 'hold', 'reason').slice(0, 20),
    messageId: cut(textOf(document, 'email', 'message_id'), 1000),
  }
}

export function detailsOf({ id, timestampMs, document }: StoredEvent): Details {
  const fields: [string, string][] = []
  let isCut = false
  const add = (path: string, value: unknown, depth: number): void => {
    if (value === null || value === undefined) return
    if (fields.length >= MAX_FIELDS || depth > MAX_DEPTH) {
      isCut = true
      return
    }
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, child] of Object.entries(value)) add(path === '' ? name : `${path}.${name}`, child, depth + 1)
      return
    }
    const text = Array.isArray(value) ? value.slice(0, MAX_FIELDS).map(String).join('\n') : String(value)
    if (text.length > MAX_VALUE) isCut = true
    fields.push([cut(path, 200), cut(text, MAX_VALUE)])
  }
  add('', document, 0)
  const rank = (path: string): number => (path === 'message' ? 0 : path === 'error.stack_trace' ? 1 : plumbing.test(path) ? 3 : 2)
  fields.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return {
    id,
    timestampMs,
    fields,
    isCut,
    action: adviceOfAction.get(textOf(document, 'event', 'action')) ?? null,
    reasons: textsAt(document, 'mailman', 'hold', 'reason').flatMap(reason => {
      const advice = adviceOfReason.get(reason)
      return advice === undefined ? [] : [{ reason, ...advice }]
    }),
    messageId: cut(textOf(document, 'email', 'message_id'), 1000),
  }
}

const textOf = (document: unknown, ...path: readonly string[]): string => textAt(document, path) ?? ''

export function textsAt(document: unknown, ...path: string[]): string[] {
  const value = valueAt(document, path)
  return (Array.isArray(value) ? value : [value]).filter(item => typeof item === 'string')
}

/** Never between the halves of a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`
}
