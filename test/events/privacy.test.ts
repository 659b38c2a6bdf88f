// With `hash` or `drop` nobody's mailbox is found in any document, and with `hash` a person is the same in every log.
import t from 'tap'
import { Privacy } from '../../src/events/privacy.js'
import type { Read } from '../support/reading.js'
import { readSamples, sampleFiles, sampleText } from '../support/samples.js'

const KEY = 'a key for tests, not a secret'
const all = (protection: 'hash' | 'drop') =>
  new Privacy(
    { addresses: protection, names: protection, subjects: protection, ips: protection },
    protection === 'hash' ? KEY : undefined,
  )

const MAILBOX = /[^\s<>()[\]"',;:\\]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/g
const ROLES = /-(?:admin|bounces|confirm|join|leave|owner|request|subscribe|unsubscribe)$/

interface Document {
  readonly message: string
  readonly event: { readonly original?: string }
  readonly email?: { readonly message_id?: string }
  readonly mailman: { readonly list?: { readonly name?: string } }
}

const kept = readSamples()
const documentOf = ({ document }: Read) => document as unknown as Document
const lists = new Set(kept.map(read => documentOf(read).mailman.list?.name ?? ''))
const ids = new Set(kept.flatMap(read => documentOf(read).email?.message_id?.toLowerCase() ?? []))
/** By domain: the local parts of all that looks like a mailbox in the samples, but for those of lists and message ids. */
const people = new Map<string, Set<string>>()
for (const path of sampleFiles)
  for (const [found] of Buffer.from(sampleText(path), 'latin1').toString('utf8').toLowerCase().matchAll(MAILBOX)) {
    const at = found.lastIndexOf('@')
    const local = found.slice(0, at)
    const domain = found.slice(at + 1)
    if (lists.has(local.replace(ROLES, '')) || ids.has(found) || /^\d{14}\./.test(local) || !/[a-z\d]/.test(local)) continue
    people.set(domain, (people.get(domain) ?? new Set()).add(local))
  }

/** Mailboxes of the samples that a text holds, also as they stand in URLs. */
function mailboxesIn(text: string): string[] {
  const found: string[] = []
  for (const sign of text.matchAll(/@|%40|--at--/g)) {
    const behind = sign.index + sign[0].length
    for (const [domain, locals] of people) {
      if (!text.startsWith(domain, behind) || /[a-z\d]/.test(text[behind + domain.length] ?? '')) continue
      for (let start = sign.index - 1; start >= Math.max(0, sign.index - 100); start--) {
        const local = text.slice(start, sign.index)
        if (locals.has(local)) found.push(`${local}@${domain}`)
      }
    }
  }
  return found
}

/** The document without its message id, folded or not. */
function withoutId(read: Read): string {
  const unfold = (value: unknown) =>
    JSON.stringify(value)
      .toLowerCase()
      .replace(/(?:\\[nrt]|\s)+/g, ' ')
  const text = unfold(read.document)
  const id = documentOf(read).email?.message_id
  return id === undefined ? text : text.replaceAll(unfold(id).slice(1, -1), '')
}

t.test('nobody’s mailbox is in any document', async t => {
  const count = [...people.values()].reduce((sum, locals) => sum + locals.size, 0)
  t.comment(`${count} mailboxes, ${kept.length} documents`)
  t.ok(count > 500 && kept.length > 10_000)
  t.ok(kept.filter(read => mailboxesIn(withoutId(read)).length > 0).length > 10_000, 'the search finds what is there')
  for (const protection of ['hash', 'drop'] as const) {
    const reads = readSamples(all(protection))
    t.equal(reads.length, kept.length)
    const found = reads.flatMap(read => {
      const mailboxes = mailboxesIn(withoutId(read))
      return mailboxes.length === 0 ? [] : [{ mailboxes, message: read.message.slice(0, 300) }]
    })
    t.strictSame(found.slice(0, 5), [], `${protection}: ${found.length} documents`)
  }
})

t.test('a person is the same in every log of either Mailman', async t => {
  const privacy = all('hash')
  const datasetsOf = (part: string): Map<string, Set<string>> => {
    const datasets = new Map<string, Set<string>>()
    readSamples(undefined, part).forEach(({ document }, i) => {
      const before = peopleOf(document)
      const after = peopleOf(hidden(part)[i]!.document)
      const { dataset } = document.event as { dataset: string }
      before.forEach((address, k) => {
        if (after[k] === address) return // a list's own
        t.equal(after[k], privacy.hashAddress(address)) || t.bailout(address)
        datasets.set(address, (datasets.get(address) ?? new Set()).add(dataset))
      })
    })
    return datasets
  }
  const read = new Map<string, Read[]>()
  const hidden = (part: string): Read[] => {
    if (!read.has(part)) read.set(part, readSamples(privacy, part))
    return read.get(part)!
  }
  const wanted = ['vette', 'post', 'smtp_failure', 'bounce', 'subscribe'].map(log => `mailman.${log}`)
  for (const part of ['/mailman-2.1/', '/mailman-3/']) {
    const seen = new Set([...datasetsOf(part).values()].flatMap(datasets => [...datasets]))
    t.strictSame(
      wanted.filter(dataset => !seen.has(dataset)),
      [],
      part,
    )
  }
})
