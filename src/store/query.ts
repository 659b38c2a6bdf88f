/**
 * What troubleshooting asks of a store: one small interface over the embedded store (sqlite-query.ts) and Elasticsearch
 * (cluster-query.ts). The same documents give the same answers on both; a test holds them to it. One thing differs: to
 * Elasticsearch `mail.example.org` is one word, here it is three next to each other, so a part of a dotted name is found here only.
 */
import { type FieldName, fields } from '../../parsers/_fields.js'

/** Every condition that is given must hold. */
export interface EventQuery {
  /** Free text, see terms.ts: any text is a valid one. */
  readonly text?: string
  /** A list's name, or `name@host`. Case does not matter. */
  readonly list?: string
  /** Exactly this address, or any one of these, wherever in the event: sender, recipient, member. Case does not matter. */
  readonly address?: string | readonly string[]
  /** `message-held`… */
  readonly action?: string
  /** `mailman.vette`… */
  readonly dataset?: string
  /** A slug of parsers/_hold-reasons.ts; quick together with an action. */
  readonly reason?: string
  /** Exactly this one, with or without `<>`. */
  readonly messageId?: string
  /** Inclusive. */
  readonly sinceMs?: number
  /** Exclusive. */
  readonly untilMs?: number
}

export interface Page {
  /** At most so many hits; at most 10,000 (what Elasticsearch gives in one answer). */
  readonly limit: number
  /** By time, then by place in the log. */
  readonly order: 'newest' | 'oldest'
}

export interface StoredEvent {
  readonly id: string
  readonly timestampMs: number
  /** As it was stored. Its texts come from strangers. */
  readonly document: Readonly<Record<string, unknown>>
}

export interface EventStore {
  /** `total`: all that fit, exactly, however few are returned. */
  search(query: EventQuery & Page): Promise<{ readonly total: number; readonly hits: readonly StoredEvent[] }>
  /** Counts by time. Buckets begin at multiples of `bucketMs` since 1970, ascend, and empty ones are left out. */
  histogram(query: EventQuery, bucketMs: number): Promise<readonly { readonly startMs: number; readonly count: number }[]>
  /** The `size` most frequent values of a keyword field, with the number of events that have them; ties by value. */
  terms(query: EventQuery, field: FieldName, size: number): Promise<readonly { readonly value: string; readonly count: number }[]>
  byId(id: string): Promise<StoredEvent | undefined>
  close(): Promise<void>
}

export const MAX_HITS = 10_000

/** Where words are looked for: every field that the mapping searches by words. `message` is first. */
export const wordFields: readonly FieldName[] = (Object.keys(fields) as FieldName[])
  .filter(name => fields[name].type === 'text' || fields[name].words)
  .sort((a, b) => Number(b === 'message') - Number(a === 'message'))

/** Where addresses are looked for. */
export const addressFields: readonly FieldName[] = ['email.from.address', 'email.to.address', 'user.email', 'related.user']

/** `announce` or `announce@lists.example.org`, in the form in which events hold it. */
export function readList(list: string): {
  readonly field: 'mailman.list.name' | 'mailman.list.fqdn'
  readonly name: string
  readonly value: string
} {
  const value = list.toLowerCase()
  const at = value.indexOf('@')
  return at < 0
    ? { field: 'mailman.list.name', name: value, value }
    : { field: 'mailman.list.fqdn', name: value.slice(0, at), value }
}

export const readAddresses = (address: EventQuery['address']): readonly string[] =>
  typeof address === 'string' ? [address] : (address ?? [])

/** As people paste it, to how events hold it: without `<>`. */
export function readMessageId(messageId: string): string {
  return messageId.trim().replace(/^<(.*)>$/, '$1')
}
