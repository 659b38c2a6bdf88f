/** What somebody asks about, from what they typed or pasted: a message, an address or a list. */
import type { EventQuery, EventStore } from '../store/query.js'

export type SubjectKind = 'message' | 'address' | 'list'

/** `any`: `X@Y` has the form of all three, so the store decides. */
export interface Typed {
  readonly kind: SubjectKind | 'any'
  readonly text: string
}

const HEADER = /^(?:x-)?message-id\s*:\s*/i
const QUOTES = /^(["'`])(.*)\1$/s

/**
 * A message id as people paste it: with or without `<>`, as a header line, in quotes, as a `mid:` link, percent-encoded or folded
 * over lines. Never throws; what it does not know it leaves as it is.
 */
export function readTypedId(typed: string): string {
  let id = typed.replace(/\s*[\r\n]\s*/g, ' ').trim()
  id = (QUOTES.exec(id)?.[2] ?? id).trim()
  id = id.replace(HEADER, '').replace(/^mid:/i, '').trim()
  if (/^%3c/i.test(id) || (!id.includes('@') && /%40/i.test(id))) id = decode(id)
  // Whatever mail programs show behind the id is none of it.
  const [, inside] = /^<([^>]*)>/.exec(id) ?? []
  return (inside ?? id.replace(/^<|>$/g, '')).trim()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The hash by which HyperKitty's links and `Message-ID-Hash` name a message (base32 of SHA-1); no log holds it. */
export const isIdHash = (text: string): boolean => /^[A-Z2-7]{32}$/.test(text.trim())

export function readTyped(typed: string, forced: SubjectKind | undefined): Typed {
  const text = typed.trim()
  if (forced !== undefined) return { kind: forced, text: forced === 'message' ? readTypedId(text) : bare(text) }
  if (HEADER.test(text) || /^mid:/i.test(text) || /^%3c/i.test(text)) return { kind: 'message', text: readTypedId(text) }
  if (/^<.*\s.*>$/s.test(text)) return { kind: 'message', text: readTypedId(text) }
  const plain = bare(text)
  if (!plain.includes('@')) return { kind: text.startsWith('<') || isIdHash(text) ? 'message' : 'list', text: plain }
  return { kind: 'any', text: plain }
}

/** `<ann@example.org>`, `mailto:ann@example.org`, in quotes. */
const bare = (text: string): string => readTypedId(text).replace(/^mailto:/i, '')

export interface Subject {
  readonly kind: SubjectKind
  readonly text: string
  /** What else of that form has events. */
  readonly also: readonly SubjectKind[]
  /** 2.1 logs lists without their host: then `dev` was taken for `dev@lists.example.org`. */
  readonly isListWithoutHost: boolean
  /** It has the form of all three, and there is no event of any. */
  readonly isUnknown: boolean
}

/**
 * Which of the three an `X@Y` is: what has events; a list before a message, a message before an address. Nothing has: an address.
 * @param formsOf an address as it may be stored
 */
export async function findSubject(
  store: EventStore,
  { kind, text }: Typed,
  formsOf: (address: string) => Promise<readonly string[]>,
): Promise<Subject> {
  if (kind !== 'any') return { kind, text, also: [], isListWithoutHost: false, isUnknown: false }
  const has = async (query: EventQuery): Promise<boolean> =>
    (await store.search({ ...query, limit: 1, order: 'newest' })).total > 0
  const hasPosts = async (list: string): Promise<boolean> =>
    (await has({ list, action: 'message-posted' })) || (await has({ list, action: 'message-held' }))
  const found: SubjectKind[] = []
  if (await has({ list: text })) found.push('list')
  if (await has({ messageId: text })) found.push('message')
  if (await has({ address: await formsOf(text) })) found.push('address')
  const [kindFound = 'address', ...also] = found
  const name = text.slice(0, text.indexOf('@'))
  const isHostless =
    (kindFound === 'list' || found.length === 0) && !(await hasPosts(text)) && name !== '' && (await hasPosts(name))
  if (isHostless) return { kind: 'list', text: name, also: [], isListWithoutHost: true, isUnknown: false }
  return { kind: kindFound, text, also, isListWithoutHost: false, isUnknown: found.length === 0 }
}
