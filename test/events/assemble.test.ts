import t from 'tap'
import { defineParser } from '../../parsers/_contract.js'
import { pattern } from '../../parsers/_template.js'
import { heldBytes } from '../support/memory.js'
import { NOW, Reading, sourceOf } from '../support/reading.js'

const STAMP = 'Dec 31 23:59:25 2025 (7660)'

const HELD = `${STAMP} Dev post from a@b held, message-id=<c@d>: Post to moderated list\n`
const REJECTED = `${STAMP} Message rejected, msgid: <c@d>\n        list: Dev,\n        handler: Moderate,\n        reason: No.\n\n\n`

t.test('a record that is complete is an event at once', async t => {
  const reading = new Reading(HELD).feed(HELD)
  t.strictSame(
    reading.read.map(({ action }) => action),
    ['message-held'],
  )
  t.notOk(reading.assembler.hasOpenRecord)
  t.equal(reading.assembler.resumeOffset, HELD.length)
})

t.test('an open record waits for its lines, and for the next stamp', async t => {
  const reading = new Reading(REJECTED).feed(REJECTED)
  t.strictSame(reading.read, [])
  t.ok(reading.assembler.hasOpenRecord)
  t.equal(reading.assembler.resumeOffset, 0, 'after a crash now, the record is read again')
  reading.feed(HELD)
  const [rejected, held] = reading.read
  t.equal(rejected?.action, 'message-rejected')
  t.equal(rejected?.message, REJECTED.slice(STAMP.length + 1, -1))
  t.equal(held?.action, 'message-held')
})

t.test('the end of a file ends its open record', async t => {
  t.strictSame(
    new Reading(REJECTED)
      .feed(REJECTED)
      .end()
      .map(({ action }) => action),
    ['message-rejected'],
  )
})

t.test('a stamped text that no template knows is kept, with the lines behind it', async t => {
  const [event] = new Reading('').feed(`${STAMP} what?\n more\n`).end()
  t.match(event, { message: 'what?\n more', action: undefined, tags: ['mailman_unparsed'] })
  const [plain] = new Reading('', { source: sourceOf('unknown') }).feed(`${STAMP} what?\n`).end()
  t.match(plain, { message: 'what?', tags: [] }, 'a log without a parser has nothing to be unparsed by')
})

t.test('a line without a stamp and without an open record is an event of its own, as old as what stands before', async t => {
  const [first, , third] = new Reading('').feed(`no stamp\n${HELD}behind\n`).end()
  t.match(first, { message: 'no stamp', tags: ['mailman_unparsed'], document: { '@timestamp': new Date(NOW).toISOString() } })
  t.match(third, { message: 'behind', tags: ['mailman_unparsed'], document: { '@timestamp': '2025-12-31T23:59:25.000Z' } })
})

t.test('a quiet time ends a record; what comes later is marked, and a replay cuts at the same place', async t => {
  const [head, late] = [REJECTED.slice(0, 80), `${REJECTED.slice(80)}`]
  const cut = REJECTED.slice(0, 80).lastIndexOf('\n') + 1
  const live = new Reading(REJECTED).feed(head).quiet()
  t.equal(live.read.length, 1)
  t.strictSame(live.assembler.cuts, [cut])
  t.notOk(live.quiet().events.length > 1, 'nothing is left to cut')
  const expected = live.feed(late).feed(HELD).end()
  t.strictSame(expected[1]?.tags, ['mailman_late', 'mailman_unparsed'])

  const replay = new Reading(REJECTED, { cuts: [cut] }).feed(REJECTED + HELD).end()
  t.strictSame(replay, expected)
  const { context } = live.assembler
  const resumed = new Reading(REJECTED, { cuts: [cut], offset: cut, context }).feed(REJECTED.slice(cut) + HELD).end()
  t.strictSame(resumed, expected.slice(1), 'from the cut on')
  live.assembler.settled(cut + 1)
  t.strictSame(live.assembler.cuts, [], 'no replay meets it again')
})

t.test('a hole behind a cut hides it from no replay', async t => {
  const [head, late] = [REJECTED.slice(0, 80), `${'\0'.repeat(20)}late\n`]
  const cut = head.lastIndexOf('\n') + 1
  const whole = head.slice(0, cut) + late
  const live = new Reading(whole).feed(head.slice(0, cut)).quiet().feed(late).end()
  t.equal(live.length, 2)
  t.strictSame(new Reading(whole, { cuts: [cut] }).feed(whole).end(), live)
})

t.test('a traceback joins its exception', async t => {
  const source = sourceOf('error')
  const read = (text: string) => new Reading('', { source }).feed(text).end()
  const traceback = 'Traceback (most recent call last):\n  File "/x/Mailman/A.py", line 1, in f\n    y\nKeyError: z\n\n'
  const raised = `${STAMP} Uncaught runner exception: z\n`
  const whole = [
    { action: 'error-raised', document: { error: { type: 'KeyError', message: 'z' }, mailman: { culprit: 'Mailman/A.py:f' } } },
  ]
  t.match(read(`${raised}${STAMP} ${traceback}`), whole, 'stamped')
  t.match(read(`${raised}${traceback}`), whole, 'not stamped')
  t.equal(read(`${raised}${STAMP} ${traceback}`).length, 1)
  t.match(
    read(`${STAMP} Uncaught runner exception: a\nb\n${STAMP} ${traceback}`),
    [{ document: { error: { message: 'a\nb', type: 'KeyError' } } }],
    'an exception of several lines',
  )
  t.equal(read(`${raised}${STAMP} ${traceback}${STAMP} ${traceback}`).length, 2, 'one each')
  t.equal(read(`${raised}${STAMP.replace('7660', '7661')} ${traceback}`).length, 2, 'not that of another process')
  t.equal(read(`${raised}${STAMP.replace(':25', ':26')} ${traceback}`).length, 2, 'not that of another second')
  t.match(read(`${raised}${STAMP} ${traceback}${STAMP} SHUNTING: 1+a\n`), [{}, { action: 'message-shunted' }])
})

t.test('a record is bounded in lines and in bytes; the rest is events of their own', async t => {
  const lines = new Reading('').feed(`${STAMP} what?\n${'x\n'.repeat(10_002)}`).end()
  t.equal(lines[0]?.message.split('\n').length, 10_000)
  const bytes = new Reading('', { maxLineBytes: 1 << 20 }).feed(`${STAMP} what?\n${`${'x'.repeat(400_000)}\n`.repeat(3)}`).end()
  t.ok(bytes[0]!.message.length < 1 << 20)
  t.equal(bytes.length, 2)
})

t.test('marks: cut lines, unfinished lines, impossible times', async t => {
  const cut = new Reading('', { maxLineBytes: 60 }).feed(HELD).end()
  t.match(cut, [
    {
      tags: ['mailman_truncated', 'mailman_unparsed'],
      document: { mailman: { line: { bytes: HELD.length - 1, sha256: /^[0-9a-f]{64}$/ } } },
    },
  ])
  t.match(new Reading('').feed(HELD.slice(0, -1)).end(), [{ action: 'message-held', tags: ['mailman_unterminated'] }])
  t.match(new Reading('').feed(HELD.replace('Dec 31', 'Feb 31')).end(), [
    { tags: ['mailman_bad_time'], document: { '@timestamp': new Date(NOW).toISOString() } },
  ])
})

t.test('the original is kept on request, redacted', async t => {
  const source = sourceOf('unknown', { keepOriginal: true })
  const [event] = new Reading('', { source }).feed('Dec 31 23:59:25 2025 admin(1): pw=x\nadmin(1): y\n').end()
  t.match(event?.document, {
    event: { original: 'Dec 31 23:59:25 2025 admin(1): pw=[redacted]\nadmin(1): y' },
    process: { name: 'admin', pid: 1 },
  })
})

t.test('a parser that throws is one that does not fit', async t => {
  const parser = defineParser([
    {
      ...pattern('error-raised', 'x'),
      match: () => {
        throw new Error('a bug')
      },
    },
    pattern('message-shunted', 'x'),
  ])
  t.match(new Reading('', { source: sourceOf('vette', { parser }) }).feed(`${STAMP} x\n`).end(), [{ action: 'message-shunted' }])
})

t.test('what looks like a secret in a message id is redacted, and the record stays readable', async t => {
  const [event] = new Reading('').feed(HELD.replace('c@d', 'Cookie: c@d')).end()
  t.match(event, {
    action: 'message-held',
    document: { email: { message_id: 'Cookie: [redacted]' }, mailman: { hold: { reason: ['post-to-moderated-list'] } } },
  })
  t.notMatch(event?.message, /c@d/)
})

t.test('P4 what was read is not kept: there are as many of these as files, rotated ones too', async t => {
  const chunk = HELD.repeat(640)
  const source = sourceOf('vette')
  let events = 0
  const read = (): Reading => {
    // A text of its own, as each chunk of a file is.
    const reading = new Reading(HELD, { source }).feed(Buffer.from(chunk).toString('latin1'))
    events += reading.events.splice(0).length
    return reading
  }
  read()
  const before = heldBytes()
  const readings = Array.from({ length: 100 }, read)
  const each = (heldBytes() - before) / readings.length
  t.equal(events, 101 * 640)
  t.ok(each < 16_384, `${Math.round(each)} bytes for a file that was read to its end; a chunk has ${chunk.length}`)
})
