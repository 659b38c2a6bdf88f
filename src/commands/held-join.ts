/**
 * What the logs know of messages that wait: who sent them, why they were held, and whether the sender has posted before.
 *
 * Mailman 3 is joined by message id. 2.1 logs no number with a hold; but it logs it while the list is locked, right after the file
 * was written (Handlers/Hold.py), so of the holds of a list the one that follows the file's time and precedes the next file's is
 * it. Stamps are in whole seconds: of several holds of one second some may be decided on already, and then it is not certain.
 */
import { textAt, valueAt } from '../store/entry.js'
import type { EventStore, StoredEvent } from '../store/query.js'
import { walk } from '../store/walk.js'
import type { Held, Standing, Waiting } from './held-waiting.js'

/** From the file to the line: notices to the sender and the moderators are made in between. */
const MAX_DELAY_MS = 60_000
/** Of somebody's posts so many are looked at, whether one is a post and no mail to a list's owners. */
const POSTS_LOOKED_AT = 20

const NOTHING = { reasons: [], standing: 'unknown', isCertain: true } as const

export const withoutLogs = (waiting: readonly Waiting[]): Held[] => waiting.map(each => ({ ...each, ...NOTHING }))

/** @param formsOf an address as the store may hold it */
export async function joinLogs(
  waiting: readonly Waiting[],
  store: EventStore,
  formsOf: (address: string) => Promise<readonly string[]>,
): Promise<Held[]> {
  const held = await joinById(
    waiting.filter(({ mailman }) => mailman === '3'),
    store,
  )
  const files = waiting.filter(({ mailman }) => mailman === '2.1')
  const approved = await approvedSince(files, store)
  for (const name of new Set(files.map(({ list }) => list)))
    held.push(
      ...(await joinByTime(
        files.filter(({ list }) => list === name),
        store,
        approved,
      )),
    )
  const known = new Map<string, Standing>()
  const joined: Held[] = []
  for (const each of held) {
    const key = `${each.sender} ${each.fqdn ?? each.list}`
    const standing = known.get(key) ?? (await standingOf(each, store, formsOf))
    known.set(key, standing)
    joined.push({ ...each, standing })
  }
  return joined
}

async function joinById(waiting: readonly Waiting[], store: EventStore): Promise<Held[]> {
  const held: Held[] = []
  for (const each of waiting) {
    const { messageId, fqdn, list } = each
    const query = { messageId: messageId ?? '', list: fqdn ?? list, action: 'message-held' }
    const { hits } = messageId === undefined ? { hits: [] } : await store.search({ ...query, limit: 1, order: 'newest' })
    held.push(hits[0] === undefined ? { ...each, ...NOTHING } : withHold(each, hits[0]))
  }
  return held
}

/** @param approved message ids; before 2.1.18 no list is named with them */
async function joinByTime(waiting: readonly Waiting[], store: EventStore, approved: ReadonlySet<string>): Promise<Held[]> {
  const files = waiting.toSorted((a, b) => a.heldMs - b.heldMs || a.id - b.id)
  const { list } = files[0]!
  const sinceMs = secondOf(files[0]!)
  const untilMs = files.at(-1)!.heldMs + MAX_DELAY_MS + 1
  const holds = await all(store, { list, action: 'message-held', sinceMs, untilMs })
  const open = holds.filter(hold => !approved.has(messageIdOf(hold) ?? ''))
  // Both are in the order of time, so each is gone through once.
  const ends = endsOf(files)
  const leftOver: StoredEvent[] = []
  let at = 0
  const pairs = files.map((file, i) => {
    for (; at < open.length && open[at]!.timestampMs < secondOf(file); at++) leftOver.push(open[at]!)
    const hold = (open[at]?.timestampMs ?? Number.POSITIVE_INFINITY) <= ends[i]! ? open[at++] : undefined
    return { file, hold }
  })
  leftOver.push(...open.slice(at))
  // What is left over was decided on, or it is one of these, and what was taken for that was decided on.
  let left = 0
  return pairs.map(({ file, hold }, i) => {
    if (hold === undefined) return { ...file, ...NOTHING }
    while (left < leftOver.length && leftOver[left]!.timestampMs < secondOf(file)) left++
    return { ...withHold(file, hold), isCertain: (leftOver[left]?.timestampMs ?? Number.POSITIVE_INFINITY) > ends[i]! }
  })
}

/** Until when the line of each can have been written: before the first file of a later second was. */
function endsOf(files: readonly Waiting[]): number[] {
  const ends: number[] = []
  let next: Waiting | undefined
  for (let i = files.length - 1; i >= 0; i--) {
    const after = files[i + 1]
    if (after !== undefined && secondOf(after) > secondOf(files[i]!)) next = after
    ends[i] = Math.min(files[i]!.heldMs + MAX_DELAY_MS, next?.heldMs ?? Number.POSITIVE_INFINITY)
  }
  return ends
}

async function approvedSince(files: readonly Waiting[], store: EventStore): Promise<Set<string>> {
  if (files.length === 0) return new Set()
  const sinceMs = files.reduce((least, { heldMs }) => Math.min(least, heldMs), Number.POSITIVE_INFINITY)
  return new Set((await all(store, { action: 'message-approved', sinceMs })).flatMap(event => messageIdOf(event) ?? []))
}

const secondOf = ({ heldMs }: Waiting): number => Math.floor(heldMs / 1000) * 1000

const messageIdOf = ({ document }: StoredEvent): string | undefined => textAt(document, ['email', 'message_id'])

function withHold(waiting: Waiting, { document }: StoredEvent): Held {
  const first = (path: string): string | undefined => textsAt(document, path)[0]
  return {
    ...waiting,
    ...NOTHING,
    messageId: waiting.messageId ?? first('email.message_id'),
    sender: waiting.sender ?? first('email.from.address'),
    subject: waiting.subject ?? first('email.subject'),
    reasonText: first('mailman.hold.reason_text') ?? waiting.reasonText,
    reasons: textsAt(document, 'mailman.hold.reason'),
  }
}

function textsAt(document: StoredEvent['document'], path: string): string[] {
  const value = valueAt(document, path.split('.'))
  return (Array.isArray(value) ? value : [value]).filter(item => typeof item === 'string')
}

async function standingOf(
  { sender, fqdn, list }: Waiting,
  store: EventStore,
  formsOf: (address: string) => Promise<readonly string[]>,
): Promise<Standing> {
  if (sender === undefined) return 'unknown'
  const query = { address: await formsOf(sender), action: 'message-posted' }
  if (await hasPosted(store, { ...query, list: fqdn ?? list })) return 'posted-here'
  return (await hasPosted(store, query)) ? 'posted-elsewhere' : 'stranger'
}

/** Mailman 3 logs mail to a list's owners as a post too. */
async function hasPosted(store: EventStore, query: Parameters<typeof walk>[1]): Promise<boolean> {
  const { hits } = await store.search({ ...query, limit: POSTS_LOOKED_AT, order: 'newest' })
  for (const hit of hits) {
    const messageId = messageIdOf(hit)
    if (messageId === undefined) return true
    const { total } = await store.search({ messageId, action: 'owner-message', limit: 1, order: 'newest' })
    if (total === 0) return true
  }
  return false
}

async function all(store: EventStore, query: Parameters<typeof walk>[1]): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const page of walk(store, query)) found.push(...page)
  return found
}
