/**
 * Which events are one person's: those with the address in a field for addresses, and those in whose texts it stands as a whole.
 * Texts are found by words, which several people may share (`mary-ann@…` has the words of `ann@…`), so each document is looked at
 * by what the privacy option finds addresses with: `ann@…`, `ann%40…`, `ann--at--…`, and `+ann=…` in a bounce address.
 */
import { scrubAddresses } from '../events/scrub.js'
import { valueAt } from '../store/entry.js'
import { addressFields, type EventStore } from '../store/query.js'
import { walk } from '../store/walk.js'

type Document = Readonly<Record<string, unknown>>

export interface LogCount {
  /** `mailman.vette` */
  readonly dataset: string
  readonly events: number
  /** Of these: in no field, only in a text. */
  readonly onlyInText: number
}

export interface Found {
  readonly ids: readonly string[]
  /** Most events first. */
  readonly logs: readonly LogCount[]
  readonly firstMs: number
  readonly lastMs: number
}

/** What `%40` leaves before the domain, as stores part words. */
const signs = ['', '40', '2540']
/** What Elasticsearch's tokenizer leaves before the mailbox as one word with it: labels, and what a Python repr puts there. */
const labels = [
  'mailto:',
  'from:',
  'to:',
  'sender:',
  'member:',
  'address:',
  'email:',
  'rcpt:',
  'user:',
  "b'",
  "u'",
  'n',
  'r',
  't',
]

/** @param forms the address, and its hash where addresses are or were hashed; lower case */
export async function findPerson(store: EventStore, forms: readonly string[]): Promise<Found> {
  const isIn = matcherOf(forms)
  const ids = new Set<string>()
  const logs = new Map<string, { dataset: string; events: number; onlyInText: number }>()
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY
  for (const query of [{ address: forms }, ...forms.flatMap(wordsOf).map(text => ({ text }))])
    for await (const page of walk(store, query))
      for (const { id, timestampMs, document } of page) {
        const where = ids.has(id) ? undefined : isIn(document)
        if (where === undefined) continue
        ids.add(id)
        firstMs = Math.min(firstMs, timestampMs)
        lastMs = Math.max(lastMs, timestampMs)
        const named = valueAt(document, ['event', 'dataset'])
        const dataset = typeof named === 'string' ? named : 'unknown'
        const count = logs.get(dataset) ?? { dataset, events: 0, onlyInText: 0 }
        logs.set(dataset, count)
        count.events++
        if (where === 'text') count.onlyInText++
      }
  return { ids: [...ids], logs: [...logs.values()].sort((a, b) => b.events - a.events), firstMs, lastMs }
}

/** Free text for the store: the words before the sign, and those behind it. */
function wordsOf(form: string): string[] {
  const { local, domain } = partsOf(form)
  const mailbox = local.replaceAll('"', ' ')
  return [...signs.map(sign => `"${mailbox}" "${sign}${domain}"`), ...labels.map(label => `"${label}${mailbox}" "${domain}"`)]
}

export function partsOf(address: string): { readonly local: string; readonly domain: string } {
  const at = address.lastIndexOf('@')
  return { local: address.slice(0, at), domain: address.slice(at + 1) }
}

/** @returns where a document names one of these: in a field, only in a text, or not at all */
export function matcherOf(forms: readonly string[]): (document: Document) => 'field' | 'text' | undefined {
  const wanted = new Set(forms)
  // As a mail server is given it for bounces: list-bounces+ann=example.org@lists.example.org
  const inBounces = forms.map(partsOf).map(({ local, domain }) => `+${local}=${domain}`)
  const isWanted = (local: string, domain: string): boolean =>
    wanted.has(`${local}@${domain}`.toLowerCase()) || inBounces.some(part => local.toLowerCase().endsWith(part))
  return document => {
    const values = addressFields.flatMap(name => valueAt(document, name.split('.')))
    if (values.some(value => typeof value === 'string' && wanted.has(value.toLowerCase()))) return 'field'
    for (const text of textsOf(document)) {
      let isFound = false
      scrubAddresses(text, (local, _, domain) => {
        isFound ||= isWanted(local, domain)
        return undefined
      })
      if (isFound) return 'text'
    }
    return undefined
  }
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textsOf(part)
}
