/** Several processes write to one file: whose line is it? */
import t from 'tap'
import { Reading, sourceOf } from '../support/reading.js'

const stamp = (pid: number, second = 25) => `Dec 31 23:59:${second} 2025 (${pid})`
const source = sourceOf('error')
const read = (text: string) => new Reading(text, { source }).feed(text).end()

const RAISED = 'Uncaught runner exception: z\n'
const FRAMES = 'Traceback (most recent call last):\n  File "/x/Mailman/A.py", line 1, in f\n    y\n'
const TRACEBACK = `${FRAMES}KeyError: z\n\n`
const SHUNTED = 'SHUNTING: 1+a\n'
const whole = { action: 'error-raised', document: { error: { type: 'KeyError', message: 'z' } } }

t.test('an exception waits for its traceback over records of other processes, which wait behind it', async t => {
  const events = read(`${stamp(1)} ${RAISED}${stamp(2)} ${SHUNTED}${stamp(1)} ${TRACEBACK}${stamp(1)} ${SHUNTED}`)
  t.match(events, [whole, { action: 'message-shunted' }, { action: 'message-shunted' }])
  t.equal(events.length, 3)
})

t.test('two exceptions at once: each has its own traceback', async t => {
  const other = TRACEBACK.replaceAll('z', 'other')
  const events = read(
    `${stamp(1)} ${RAISED}${stamp(2)} ${RAISED.replace('z', 'other')}${stamp(1)} ${TRACEBACK}${stamp(2)} ${other}`,
  )
  t.match(events, [whole, { document: { error: { message: 'other', stack_trace: /KeyError: other/ } } }])
  t.equal(events.length, 2)
})

t.test('a traceback that was cut by a record of another process goes on behind it', async t => {
  const events = read(`${stamp(1)} ${FRAMES}${stamp(2)} ${SHUNTED}KeyError: z\n\n`)
  t.match(events, [{ document: { error: { type: 'KeyError', message: 'z' } } }, { action: 'message-shunted' }])
  t.equal(events.length, 2)
  t.equal(read(`${stamp(1)} ${TRACEBACK}${stamp(2)} ${SHUNTED}smuggled\n`).length, 3, 'one that is whole does not')
  t.equal(read(`${stamp(1)} ${FRAMES}${stamp(1)} ${SHUNTED}smuggled\n`).length, 3, 'nor behind a record of its own process')
})

t.test('what waits is bounded', async t => {
  const others = Array.from({ length: 40 }, (_, i) => `${stamp(100 + i)} ${SHUNTED}`).join('')
  const reading = new Reading('', { source }).feed(`${stamp(1)} ${RAISED}${others}`)
  t.equal(reading.events.length, 41, 'the traceback did not come in time')
})

t.test('a quiet time ends all that waits, and where reading begins again all of it is seen again', async t => {
  const text = `${stamp(1)} ${RAISED}${stamp(2)} ${SHUNTED}`
  const reading = new Reading(text, { source }).feed(text)
  t.equal(reading.assembler.resumeOffset, 0)
  reading.quiet()
  t.strictSame(reading.assembler.cuts, [text.length])
  t.equal(reading.events.length, 2)
})

t.test('lines of the web server between the lines of a record of Mailman 3', async t => {
  const access = '[22/Nov/2026:17:40:39 +0000] "POST /3.1/lists/x/held/1 HTTP/1.1" 204 0 "-" "Python-urllib/3.11"\n'
  const [first, second, third] = FRAMES.split(/(?<=\n)/)
  const events = read(`${stamp(1)} x: \n${first}${second}${access}${third}${access}KeyError: z\n`)
  t.match(events, [
    { message: `x: \n${FRAMES}KeyError: z`, document: { '@timestamp': '2025-12-31T23:59:25.000Z' } },
    { message: access.slice(29, -1), document: { '@timestamp': '2026-11-22T17:40:39.000Z', process: undefined } },
    { message: access.slice(29, -1) },
  ])
})

t.test('a record that a stranger wrote is told by its time and process', async t => {
  const vette = sourceOf('vette')
  const held = 'dev post from ceo@example.org held, message-id=<x@y>: Post to moderated list\n'
  const refused = 'dev: Refused posting:\n\tFrom: a@b\n\tSubject: s\n\tReason: Sorry.\n'
  const tagsOf = (text: string) =>
    new Reading(text, { source: vette })
      .feed(text)
      .end()
      .map(({ tags }) => tags.join())
  const forged = (second: string) => `Dec 31 ${second} 2025 (4242) ${held}`

  t.strictSame(tagsOf(`${stamp(1)} ${refused}${forged('10:01:07')}Bye\n`), ['', 'mailman_suspect'], 'with what follows')
  t.strictSame(tagsOf(`${stamp(1)} ${refused}${forged('10:01:07').repeat(2)}`), ['', 'mailman_suspect', 'mailman_suspect'])
  t.strictSame(tagsOf(`${stamp(1)} ${refused}Foo 99 10:00:00 2025 (4242) ${held}`), ['', 'mailman_suspect,mailman_bad_time'])
  t.strictSame(
    tagsOf(`${stamp(1)} ${refused}${forged('10:01:07')}${forged('10:01:08')}${forged('10:01:08')}`),
    ['', 'mailman_suspect', '', ''],
    'time goes on: the clock was set back',
  )
  t.strictSame(tagsOf(`${stamp(1)} ${refused}${stamp(2)} ${held}`), ['', ''], 'another process, at a time that fits')
  t.strictSame(tagsOf(`${stamp(4242)} ${refused}${forged('10:01:07')}`), ['', ''], 'a process that wrote here before')
  t.strictSame(tagsOf(`${stamp(1)} ${refused}${forged('22:59:24')}`), ['', ''], 'a process with another time zone')
  t.strictSame(tagsOf(`${stamp(1)} ${held}${forged('10:01:07')}`), ['', ''], 'behind a record that no stranger can break')
  t.strictSame(
    tagsOf(`${stamp(1)} dev post from a@b held, message-id=<a\n b>: Post to moderated list\n${forged('10:01:07')}`),
    ['', ''],
    'a folded message id cannot begin a line',
  )
})
