import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import t from 'tap'
import { parsers, parseText } from '../../parsers/_index.js'
import { Privacy } from '../../src/events/privacy.js'
import { decodeText } from '../../src/events/text.js'
import type { LogEvent } from '../../src/model.js'
import { hostileText, law, logText } from '../support/law.js'
import { Reading, sourceOf } from '../support/reading.js'

const hash = { addresses: 'hash', names: 'hash', subjects: 'hash', ips: 'hash' } as const
const drop = { addresses: 'drop', names: 'drop', subjects: 'drop', ips: 'drop' } as const
const hashing = new Privacy(hash, 'a key for tests, not a secret')
const anyPrivacy = fc.constantFrom(hashing, new Privacy(drop, undefined), new Privacy({ ...hash, names: 'keep' }, 'k'.repeat(16)))
const person = fc.stringMatching(/^[a-z]{5,9}\d{2}$/).map(name => `${name}@people.example.org`)
const ip = fc.oneof(fc.ipV4(), fc.ipV6()).filter(address => address.length > 6)

law(
  t,
  'an address that stands anywhere in any text is not found any more',
  fc.property(anyPrivacy, hostileText, person, hostileText, (privacy, before, mailbox, behind) => {
    const text = decodeText(before) + mailbox + decodeText(behind)
    return !privacy.protect(text, undefined, []).text.includes(mailbox)
  }),
)

law(
  t,
  'nor one in a URL, and no IP address that stands by itself',
  fc.property(anyPrivacy, hostileText, person, ip, hostileText, (privacy, before, mailbox, address, behind) => {
    const inUrl = mailbox.replace('@', '%40')
    const text = `${decodeText(before)} ${inUrl} [${address}] ${decodeText(behind)}`
    const clean = privacy.protect(text, undefined, []).text
    return !clean.includes(inUrl) && !clean.includes(`[${address}]`)
  }),
)

const eventsOf = (text: string, log: string, privacy?: Privacy): LogEvent[] => {
  const source = { ...sourceOf(log, { keepOriginal: true }), privacy }
  const reading = new Reading(text, { source, maxLineBytes: 1 << 20 }).feed(text)
  reading.end()
  return reading.events
}

law(
  t,
  'privacy changes neither ids nor actions, and a document stays one',
  fc.property(anyPrivacy, fc.constantFrom(...parsers.keys()), logText, (privacy, log, text) => {
    const say = (event: LogEvent) => `${event.id} ${event.dataset} ${event.pattern?.template} ${event.tags.join()}`
    const hidden = eventsOf(text, log, privacy)
    for (const { document } of hidden) JSON.parse(Buffer.from(document, 'latin1').toString('utf8'))
    return eventsOf(text, log).map(say).join('\n') === hidden.map(say).join('\n')
  }),
)

law(
  t,
  'what a template knows to be personal lies in its text, in order, once',
  fc.property(fc.constantFrom(...parsers.keys()), logText, (log, text) =>
    text.split('\n').every(line => {
      const found = parseText(log, decodeText(line.slice(line.indexOf(') ') + 2)), true)
      const spans = found?.pattern.spans(decodeText(line.slice(line.indexOf(') ') + 2))) ?? []
      return spans.every(({ start, end }, i) => start >= (spans[i - 1]?.end ?? 0) && end >= start && end <= line.length)
    }),
  ),
)

t.test('linear time, whatever is repeated', async t => {
  const units = [
    '@',
    'a@',
    '%40',
    '%25',
    '%',
    '--at--',
    '"@',
    '\\"@',
    'a.b@',
    'a@b',
    '::',
    '1.',
    '1.1.1.1',
    'a:',
    ':1',
    '\\',
    "'",
  ]
  const more = ["b'@", '=@', '/@', '/a', 'Header "', `Header "{}" matched a x', '`, '\n\tSubject: ', '\ue000', 'ü@', '[', '@[']
  for (const unit of [...units, ...more])
    for (const tail of ['', '@x', '@']) {
      const text = unit.repeat(Math.ceil(200_000 / unit.length)) + tail
      const before = performance.now()
      hashing.protect(text, undefined, [])
      const ms = performance.now() - before
      // Quadratic time would be minutes.
      t.ok(ms < 3000, `${JSON.stringify(unit)}…${tail}: ${ms.toFixed()} ms`)
    }
})
