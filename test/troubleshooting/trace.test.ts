/** The life of a message, from log lines as Mailman writes them. */
import t, { type Test } from 'tap'
import { traceMessage } from '../../src/troubleshooting/ask-message.js'
import type { Life } from '../../src/troubleshooting/life.js'
import { storeOf, type Told } from '../support/told-store.js'

const stamp = (time: string, pid: number): string => `Mar 01 ${time} 2024 (${pid})`
const vette = (text: string): Told => ({ log: 'vette', text })

const lives = async (t: Test, told: readonly Told[], id = 'a@example.org'): Promise<readonly Life[]> =>
  (await traceMessage(storeOf(t, told), id)).lives
const kindsOf = ({ steps }: Life): string[] => steps.map(({ kind }) => kind)
const held = (list: string, time: string, id = 'a@example.org', from = 'ann@example.org'): string =>
  `${stamp(time, 11)} ${list} post from ${from} held, message-id=<${id}>: Post to moderated list\n`
const decision = (word: 'Discarded' | 'Refused', time: string, from = 'ann@example.org'): string =>
  `${stamp(time, 12)} dev: ${word} posting:\n\tFrom: ${from}\n\tSubject: hello\n`

t.test('held, released, posted, refused: refusals are tied by process, second and order', async t => {
  const refusal = (time: string, pid: number, to: string) =>
    `${stamp(time, pid)} delivery to ${to} failed with code 550: 5.1.1 <${to}>: User unknown\n`
  const [life, ...more] = await lives(t, [
    vette(`${held('Dev', '10:00:00')}${stamp('10:05:00', 12)} dev: held message approved, message-id: <a@example.org>\n`),
    {
      log: 'smtp',
      text: `${stamp('10:05:10', 20)} <b@example.org> smtp to dev for 9 recips, completed in 0.100 seconds
${stamp('10:05:10', 20)} <a@example.org> smtp to dev for 9 recips, completed in 0.250 seconds\n`,
    },
    {
      log: 'post',
      text: `${stamp('10:05:10', 20)} post to dev from bob@example.org, size=1000, message-id=<b@example.org>, 1 failures
${stamp('10:05:10', 20)} post to dev from ann@example.org, size=1000, message-id=<a@example.org>, 2 failures\n`,
    },
    {
      log: 'smtp-failure',
      text: [
        refusal('10:05:10', 20, 'one@example.net'),
        refusal('10:05:10', 20, 'two@example.net'),
        refusal('10:05:10', 99, 'other-process@example.net'),
        refusal('10:05:10', 20, 'three@example.net'),
        refusal('10:05:30', 20, 'later@example.net'),
      ].join(''),
    },
  ])
  t.strictSame(more, [])
  t.match(life, { list: 'dev', mailman: '2.1', state: 'partly-refused', recipients: 9, refused: 2 })
  t.strictSame(kindsOf(life!), ['held', 'released', 'delivered', 'posted', 'refused', 'refused'])
  t.strictSame(
    life!.refusals.map(({ address, code, isFinal, tries, others }) => ({ address, code, isFinal, tries, others })),
    ['two@example.net', 'three@example.net'].map(address => ({ address, code: '550', isFinal: true, tries: 1, others: 0 })),
    'the first of the three is of the other message',
  )
  t.ok(life!.refusals.every(({ inferred }) => inferred !== undefined))
  t.ok(life!.steps.slice(0, 4).every(({ inferred }) => inferred === undefined))
})

t.test('refusals that go on in the next second', async t => {
  const post = (time: string, id: string) =>
    `${stamp(time, 20)} post to dev from ann@example.org, size=1, message-id=<${id}>, 2 failures\n`
  const refusal = (time: string, to: string) =>
    `${stamp(time, 20)} delivery to ${to}@example.net failed with code 550: 5.1.1 unknown\n`
  const [life] = await lives(t, [
    { log: 'post', text: post('10:00:00', 'b@example.org') + post('10:00:01', 'a@example.org') },
    {
      log: 'smtp-failure',
      text: refusal('10:00:00', 'b1') + refusal('10:00:01', 'b2') + refusal('10:00:01', 'a1') + refusal('10:00:02', 'a2'),
    },
  ])
  t.match(life!.refusals, [
    { address: 'a1@example.net', others: 0 },
    { address: 'a2@example.net', others: 0 },
  ])
  t.equal(life!.refusals.length, 2)
})

t.test('all recipients refused: that line names the message', async t => {
  const post = (id: string) =>
    `${stamp('10:00:00', 20)} post to dev from ann@example.org, size=1, message-id=<${id}>, 2 failures\n`
  const refusal = (to: string) => `${stamp('10:00:00', 20)} delivery to ${to}@example.net failed with code 451: 4.0.0 ${to}\n`
  const all = `${stamp('10:00:00', 20)} All recipients refused: {'x@example.net': (450, 'one'), 'y@example.net': (451, 'two')}, msgid: <a@example.org>\n`
  const [life] = await lives(t, [
    { log: 'post', text: post('b@example.org') + post('a@example.org') },
    { log: 'smtp-failure', text: refusal('z') + all + refusal('x') + refusal('y') },
  ])
  t.match(life!.refusals, [
    { address: 'x@example.net', code: '451', tries: 1, inferred: undefined, others: 0 },
    { address: 'y@example.net', text: '4.0.0 y' },
  ])
  t.equal(life!.refusals.length, 2)
})

t.test('several candidates: said so, and not counted', async t => {
  const post = (id: string) =>
    `${stamp('10:00:00', 20)} post to dev from ann@example.org, size=1, message-id=<${id}>, 2 failures\n`
  const refusal = `${stamp('10:00:00', 20)} delivery to x@example.net failed with code 450: 4.2.0 busy\n`
  const [life] = await lives(t, [
    { log: 'post', text: post('a@example.org') + post('b@example.org') },
    { log: 'smtp-failure', text: refusal.repeat(3) },
  ])
  t.match(life!.refusals, [{ address: 'x@example.net', others: 1, isFinal: false }])
  t.match(life, { state: 'partly-refused', refused: 2 })
})

t.test('a later try that does not refuse it again', async t => {
  const post = (time: string, end: string) =>
    `${stamp(time, 20)} post to dev from ann@example.org, size=1, message-id=<a@example.org>, ${end}\n`
  const [life] = await lives(t, [
    { log: 'post', text: post('10:00:00', '1 failures') + post('11:00:00', 'success') },
    { log: 'smtp-failure', text: `${stamp('10:00:00', 20)} delivery to x@example.net failed with code 450: 4.2.0 busy\n` },
  ])
  t.match(life, { state: 'delivered', refused: 0, refusals: [{ address: 'x@example.net', isSettled: true }] })
})

t.test('waiting, and decisions that name no message', async t => {
  const stateOf = async (t: Test, text: string) => (await lives(t, [vette(text)]))[0]?.state
  await t.test('none', async t => t.equal(await stateOf(t, held('dev', '10:00:00')), 'waiting'))
  await t.test('of another sender', async t =>
    t.equal(await stateOf(t, held('dev', '10:00:00') + decision('Discarded', '11:00:00', 'eve@example.org')), 'waiting'),
  )
  await t.test('before the hold', async t =>
    t.equal(await stateOf(t, decision('Discarded', '09:00:00') + held('dev', '10:00:00')), 'waiting'),
  )
  await t.test('the only post of its sender that waits', async t => {
    const [life] = await lives(t, [vette(held('dev', '10:00:00') + decision('Discarded', '11:00:00'))])
    t.match(life, { state: 'discarded', steps: [{ kind: 'held' }, { kind: 'discarded', others: 0 }] })
    t.type(life!.steps[1]!.inferred, 'string')
  })
  await t.test('rejected', async t =>
    t.equal(await stateOf(t, held('dev', '10:00:00') + decision('Refused', '11:00:00')), 'rejected'),
  )
  const two = held('dev', '10:00:00') + held('dev', '10:01:00', 'b@example.org')
  await t.test('one of two', async t => t.equal(await stateOf(t, two + decision('Discarded', '11:00:00')), 'maybe-decided'))
  await t.test('the other was released', async t => {
    const released = `${stamp('10:30:00', 12)} dev: held message approved, message-id: <b@example.org>\n`
    t.equal(await stateOf(t, two + released + decision('Discarded', '11:00:00')), 'discarded')
  })
  await t.test('an earlier post had its own decision', async t => {
    const earlier = held('dev', '08:00:00', 'b@example.org') + decision('Discarded', '09:00:00')
    t.equal(await stateOf(t, earlier + held('dev', '10:00:00') + decision('Refused', '11:00:00')), 'rejected')
  })
  await t.test('more posts of the sender than are asked for one by one', async t => {
    const minute = (i: number) => `${10 + i}`
    const many = Array.from({ length: 30 }, (_, i) => {
      const id = `m${i}@example.org`
      return `${held('dev', `08:${minute(i)}:00`, id)}${stamp(`08:${minute(i)}:30`, 12)} dev: held message approved, message-id: <${id}>\n`
    })
    t.equal(await stateOf(t, many.join('') + held('dev', '10:00:00') + decision('Discarded', '11:00:00')), 'discarded')
  })
  await t.test('both', async t =>
    t.equal(await stateOf(t, two + decision('Discarded', '11:00:00') + decision('Discarded', '11:00:01')), 'discarded'),
  )
})

t.test('a life for each list', async t => {
  const found = await lives(t, [
    vette(held('dev', '10:00:00')),
    {
      log: 'post',
      host: 'lists2',
      text: `${stamp('10:00:01', 20)} post to users from ann@example.org, size=1, message-id=<a@example.org>, success\n`,
    },
  ])
  t.strictSame(
    found.map(({ list, state }) => [list, state]),
    [
      ['dev', 'waiting'],
      ['users', 'delivered'],
    ],
  )
})

t.test('discarded by Mailman itself', async t => {
  const [life] = await lives(t, [
    vette(
      `${stamp('10:00:00', 11)} Message discarded, msgid: <a@example.org>'\n        list: Dev,\n        handler: SpamDetect\n`,
    ),
  ])
  t.match(life, { list: 'dev', state: 'discarded', steps: [{ inferred: undefined, event: { handler: 'SpamDetect' } }] })
})

t.test('released, and something was shunted right after', async t => {
  const released = `${held('dev', '10:00:00')}${stamp('10:05:00', 12)} dev: held message approved, message-id: <a@example.org>\n`
  const shunt = (time: string) => ({ log: 'error', text: `${stamp(time, 30)} SHUNTING: 1709287500.1+abcdef\n` })
  await t.test('within two minutes', async t => {
    const [life] = await lives(t, [vette(released), shunt('10:05:02')])
    t.match(life, { state: 'maybe-shunted', steps: [{}, {}, { kind: 'shunted', others: 1 }] })
  })
  await t.test('an hour later', async t => t.match(await lives(t, [vette(released), shunt('11:05:02')]), [{ state: 'released' }]))
})

t.test('Mailman 3', async t => {
  const log = (name: string, text: string): Told => ({ log: name, text, mailman: '3' })
  const fqdn = 'dev@lists.example.org'
  await t.test('one list: lines that name none are its', async t => {
    const [life, ...more] = await lives(t, [
      log(
        'mailman.log',
        `${stamp('10:00:00', 5)} HOLD: ${fqdn} post from ann@example.org held, message-id=<a@example.org>: The message comes from a moderated member
${stamp('10:05:00', 6)} held message approved, message-id: <a@example.org>\n`,
      ),
      log(
        'smtp.log',
        `${stamp('10:05:02', 7)} <a@example.org> smtp to ${fqdn} for 2 recips, completed in 0.5 seconds
${stamp('10:05:02', 7)} <a@example.org> post to ${fqdn} from ann@example.org, 900 bytes, 2 failures
${stamp('10:05:02', 7)} <a@example.org> delivery to x@example.net failed with code 550, b'5.1.1 unknown'
${stamp('10:05:02', 7)} <a@example.org> delivery to y@example.net failed with code 444, [Errno 111] Connection refused\n`,
      ),
    ])
    t.strictSame(more, [])
    t.match(life, { list: fqdn, mailman: '3', state: 'refused', recipients: 2, refused: 2 })
    t.strictSame(kindsOf(life!), ['held', 'released', 'delivered', 'posted', 'refused', 'refused'])
    t.match(life!.refusals, [
      { address: 'x@example.net', isFinal: true, inferred: undefined },
      { address: 'y@example.net', isFinal: false },
    ])
  })
  await t.test('two lists: a release that names none goes to the one that held it, marked', async t => {
    const found = await lives(t, [
      log(
        'mailman.log',
        `${stamp('10:00:00', 5)} HOLD: ${fqdn} post from ann@example.org held, message-id=<a@example.org>: The message comes from a moderated member
${stamp('10:05:00', 6)} held message approved, message-id: <a@example.org>\n`,
      ),
      log(
        'smtp.log',
        `${stamp('10:00:02', 7)} <a@example.org> post to users@lists.example.org from ann@example.org, 900 bytes\n`,
      ),
    ])
    t.match(found, [
      {
        list: fqdn,
        state: 'released',
        steps: [{ kind: 'held' }, { kind: 'released', others: 0, inferred: 'the line names no list' }],
      },
      { list: 'users@lists.example.org', state: 'delivered', steps: [{ kind: 'posted' }] },
    ])
    t.equal(found[1]!.steps.length, 1)
  })
  await t.test('for a list that is gone', async t =>
    t.match(
      await lives(t, [
        log(
          'mailman.log',
          `${stamp('10:00:00', 5)} <a@example.org> runner "in" shunting message for missing list: old.lists.example.org\n`,
        ),
      ]),
      [{ state: 'shunted' }],
    ),
  )
  await t.test('discarded: no list is named', async t =>
    t.match(
      await lives(t, [
        log('mailman.log', `${stamp('10:00:00', 5)} DISCARD: <a@example.org>; ['The message comes from a moderated member']\n`),
      ]),
      [{ list: undefined, state: 'discarded' }],
    ),
  )
})

t.test('never seen: what the store holds is said', async t => {
  const told = [
    vette(held('dev', '10:00:00') + held('dev', '12:00:00', 'b@example.org')),
    { log: 'error', text: `${stamp('11:00:00', 30)} SHUNTING: 1.1+a\n` },
  ]
  t.match(await traceMessage(storeOf(t, told), 'never@example.org'), {
    total: 0,
    lives: [],
    shunted: 1,
    span: { fromMs: Date.UTC(2024, 2, 1, 10), toMs: Date.UTC(2024, 2, 1, 12) },
  })
})

t.test('a line that a stranger wrote decides nothing', async t => {
  const forged = `${stamp('10:00:00', 12)} dev: Refused posting:\n\tFrom: eve@example.org\n\tSubject: x\n\tReason: a
Feb 01 09:00:00 2024 (777) dev: held message approved, message-id: <a@example.org>\n`
  const [life] = await lives(t, [vette(forged)])
  t.ok(life?.steps.every(({ event }) => event.isSuspect))
  t.equal(life?.state, 'mentioned')
})
