// With `hash` or `drop` nobody's mailbox is found in any document, and with `hash` a person is the same in every log.
import t from 'tap'
import { parsers } from '../../parsers/_index.js'
import { readAnyStamp } from '../../parsers/_mailman3-line.js'
import { interpret } from '../../src/events/parse.js'
import { Privacy } from '../../src/events/privacy.js'
import { allPairs } from '../support/golden.js'
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

/** The values of the fields that name people. */
function addressesOf(read: Read): string[] {
  const { email, user } = read.document as {
    email?: { from?: { address: string[] }; to?: { address: string[] } }
    user?: { email?: string; changes?: { email: string } }
  }
  const found = [...(email?.from?.address ?? []), ...(email?.to?.address ?? []), user?.email, user?.changes?.email]
  return found.filter(address => address !== undefined)
}

t.test('a person is the same in every log of both Mailmans, and in `hash`', async t => {
  const privacy = all('hash')
  const reads = readSamples(privacy)
  const logsOf = new Map<string, Set<string>>()
  const wrong: string[] = []
  kept.forEach((read, i) => {
    const after = addressesOf(reads[i]!)
    addressesOf(read).forEach((address, k) => {
      if (after[k] === address) return // a list's own
      // What senders made of it may be no address.
      if (!/^[\w.+-]+@[\w.-]+$/.test(address)) return
      if (after[k] !== privacy.hashAddress(address)) wrong.push(`${address} ${after[k]}`)
      if (!reads[i]!.message.includes(after[k]!)) wrong.push(`${after[k]} is not in: ${reads[i]!.message.slice(0, 200)}`)
      const { dataset } = read.document.event as { dataset: string }
      logsOf.set(after[k]!, (logsOf.get(after[k]!) ?? new Set()).add(dataset))
    })
  })
  t.strictSame(wrong.slice(0, 5), [], `${wrong.length} of ${logsOf.size} people`)
  const logs = ['mailman.vette', 'mailman.post', 'mailman.smtp_failure', 'mailman.bounce', 'mailman.subscribe']
  for (const log of logs)
    t.ok(
      [...logsOf.values()].some(found => found.has(log) && found.size > 1),
      `${log}: somebody of another log`,
    )
  const most = [...logsOf.values()].map(found => logs.filter(log => found.has(log)).length)
  t.ok(Math.max(...most) >= 4, `one person in ${Math.max(...most)} of them`)
})

const KINDS = { addresses: 'keep', names: 'keep', subjects: 'keep', ips: 'keep' } as const
const protectedBy = (options: Partial<Record<keyof typeof KINDS, 'keep' | 'hash' | 'drop'>>, log: string, text: string) => {
  const { text: message, pattern, values } = interpret(text, parsers.get(log), false, new Privacy({ ...KINDS, ...options }, KEY))
  const fields = (pattern?.fields ?? []).flatMap((field, i) => (values[i] === undefined ? [] : [[field, values[i]]]))
  return { message: message.replace(/hashed-[0-9a-f]{20}/g, '#'), fields: Object.fromEntries(fields) as Record<string, unknown> }
}

t.test('each kind by itself, in text and fields', async t => {
  const pending = 'dev: pending "Lee, Ann" <ann@example.org>  192.0.2.7'
  const cases: [Parameters<typeof protectedBy>[0], log: string, text: string, message: string, absent: string[]][] = [
    [{ addresses: 'drop' }, 'subscribe', pending, 'dev: pending "Lee, Ann" <[address]>  192.0.2.7', ['user.email']],
    [{ names: 'drop' }, 'subscribe', pending, 'dev: pending "[name]" <ann@example.org>  192.0.2.7', ['user.full_name']],
    [{ ips: 'drop' }, 'subscribe', pending, 'dev: pending "Lee, Ann" <ann@example.org>  [ip]', ['source.ip', 'source.address']],
    [{ ips: 'hash' }, 'subscribe', pending, 'dev: pending "Lee, Ann" <ann@example.org>  #', ['source.ip']],
    [
      { subjects: 'drop' },
      'vette',
      'dev: Discarded posting:\n\tFrom: ann@example.org\n\tSubject: =?utf-8?q?caf=C3=A9?=\n\tReason: no, Ann\nreally',
      'dev: Discarded posting:\n\tFrom: ann@example.org\n\tSubject: [subject]\n\tReason: [subject]',
      ['email.subject', 'mailman.subject.raw', 'mailman.moderation.comment'],
    ],
    [{ subjects: 'hash' }, 'vette', 'dev: Refused posting:\n\tFrom: ann', 'dev: Refused posting:\n\t#', []],
    [{ subjects: 'drop' }, 'vette', '\tSubject: late', '\tSubject: [subject]', []],
    [
      { subjects: 'drop' },
      'mailman',
      'HOLD: dev@l.example post from ann@example.org held, message-id=<a@b>: Header "subject: x" matched a header rule',
      'HOLD: dev@l.example post from ann@example.org held, message-id=<a@b>: Header "[subject]" matched a header rule',
      [],
    ],
    [
      { subjects: 'drop' },
      'mailman',
      "DISCARD: <a@b>; [('Header \"{}\" matched a header rule', 'subject: x')]",
      "DISCARD: <a@b>; [('Header \"{}\" matched a header rule', '[subject]')]",
      [],
    ],
    [
      { addresses: 'hash' },
      'post',
      'post to dev from "Ann" <ann@example.org> anonymized',
      'post to dev from "Ann" <#_@example.org> anonymized',
      [],
    ],
    [
      { names: 'hash', addresses: 'hash' },
      'post',
      'post to dev from ann@example.org (Ann) anonymized',
      'post to dev from #_@example.org # anonymized',
      [],
    ],
    [
      { addresses: 'hash' },
      'bounce',
      'dev: bounce message w/no discernable addresses: <a@b> c@d.example',
      'dev: bounce message w/no discernable addresses: <a@b> #_@d.example',
      [],
    ],
    [
      { addresses: 'hash', ips: 'hash' },
      'error',
      'Cannot fetch https://ann:pw@h.example/?ann@example.org by 10.0.0.1',
      'Cannot fetch https://[redacted]@h.example/?[redacted] by #',
      [],
    ],
  ]
  for (const [options, log, text, message, absent] of cases) {
    const found = protectedBy(options, log, text)
    t.equal(found.message, message)
    for (const field of absent) t.notOk(field in found.fields, `${field} is absent`)
  }
})

t.test('a list’s own addresses stay, a member’s in its envelope does not', async t => {
  const sender = (address: string, log = 'post', to = 'dev') =>
    protectedBy({ addresses: 'drop' }, log, `post to ${to} from ${address}, size=1, message-id=<a@b>, success`).fields[
      'email.from.address'
    ]
  for (const role of [
    '',
    '-admin',
    '-bounces',
    '-confirm',
    '-join',
    '-leave',
    '-owner',
    '-request',
    '-subscribe',
    '-unsubscribe',
  ])
    t.strictSame(sender(`Dev${role}@lists.example.org`), [`dev${role}@lists.example.org`])
  for (const address of ['dev-bounces+ann=example.org@lists.example.org', 'dev-ann@example.org', 'developer@example.org'])
    t.equal(sender(address), undefined, address)
  t.equal(sender('dev@example.org', 'post', 'dev@lists.example.org'), undefined, 'another host, where the list’s is known')
})

t.test('lines of messages are never stored', async t => {
  const line = "DATA readline: b'Dear Ann, the password is sesame'"
  const read = (privacy?: Privacy) => interpret(line, parsers.get('smtp'), false, privacy).text
  t.match(read(), /^DATA readline: \[\d+ bytes, sha256 [0-9a-f]{20}\]$/)
  t.match(read(all('hash')), /^DATA readline: \[\d+ bytes, hmac-sha256 [0-9a-f]{20}\]$/, 'nobody can try out what it was')
  const elsewhere = (privacy?: Privacy) => interpret(line, parsers.get('bounce'), false, privacy).text
  t.match(elsewhere(), /^DATA readline: \[\d+ bytes, sha256 [0-9a-f]{20}\]$/, 'in whatever file its logger was given')
  t.match(elsewhere(all('drop')), /^DATA readline: \[\d+ bytes\]$/)
  t.match(interpret(`${line}\nDear Bob`, undefined, false).text, /^DATA readline: \[.+\]\n\[8 bytes, sha256 [0-9a-f]{20}\]$/)
  t.match(read(all('drop')), /^DATA readline: \[\d+ bytes\]$/)
})

t.test('another key, another hash', async t => {
  const hash = { addresses: 'hash', names: 'hash', subjects: 'hash', ips: 'hash' } as const
  const one = new Privacy(hash, 'k'.repeat(16)).hashAddress('ann@example.org')
  t.not(one, new Privacy(hash, 'l'.repeat(16)).hashAddress('ann@example.org'))
  for (const same of ['Ann@Example.ORG', ' ann@example.org ', '<ann@example.org>'])
    t.equal(new Privacy(hash, 'k'.repeat(16)).hashAddress(same), one)
})

t.test('what a field holds of a person is in no text any more, of all templates', async t => {
  const drop = all('drop')
  const personal = /^(?:email\.subject|mailman\.subject\.raw|mailman\.moderation\.comment|source\.(?:address|ip)|user\..+)$/
  const nobody = /^(?:admin|site|unidentified origin|\(no subject\))$/
  let checked = 0
  const wrong = allPairs().flatMap(({ log, input }) =>
    input
      .toString('utf8')
      .split(/\n(?=[A-Z][a-z]{2} \d\d \d\d:|\[)/)
      .flatMap(line => {
        const stamp = readAnyStamp(line)
        const text = line.slice(stamp?.textStart ?? 0).trimEnd()
        const labelled = stamp !== undefined && stamp.label !== ''
        const { pattern, values } = interpret(text, parsers.get(log), labelled)
        const message = interpret(text, parsers.get(log), labelled, drop).text.toLowerCase()
        return (pattern?.fields ?? []).flatMap((field, i) => {
          const value = values[i]
          if (!personal.test(field) || typeof value !== 'string' || value.length < 4 || nobody.test(value)) return []
          checked++
          return message.includes(value.toLowerCase())
            ? [`${pattern!.template}: ${field} ${value} is in ${message.slice(0, 200)}`]
            : []
        })
      }),
  )
  t.ok(checked > 300, `${checked} values`)
  t.strictSame(wrong.slice(0, 20), [], `${wrong.length} wrong`)
})
