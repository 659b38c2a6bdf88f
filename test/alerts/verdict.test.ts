/** The verdict on a start of Mailman, from lines of its logs: which start, which runners, which errors, how the first posts go. */
import { Readable } from 'node:stream'
import t from 'tap'
import { Decisions } from '../../src/alerts/decisions.js'
import { Lists } from '../../src/alerts/lists.js'
import { postOf } from '../../src/alerts/post.js'
import { Usual } from '../../src/alerts/usual.js'
import { type Judgement, Verdict } from '../../src/alerts/verdict.js'
import { shapeOf } from '../../src/alerts/verdict-errors.js'
import { FirstPosts } from '../../src/alerts/verdict-posts.js'
import { byTime } from '../../src/commands/by-time.js'
import { eventsOf } from '../../src/commands/parse.js'
import { loadConfig } from '../../src/config/load.js'
import { createSources } from '../../src/events/source.js'
import { randomOf } from '../support/chance.mjs'

type Logs = Readonly<Record<string, readonly string[]>>

const file = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
const config = await loadConfig(`${file}/config.yaml`)

const eventsIn = (logs: Logs) =>
  byTime(
    Object.entries(logs).map(([log, lines]) =>
      eventsOf(
        Readable.from([Buffer.from(lines.map(line => `${line}\n`).join(''), 'latin1')]),
        log,
        createSources(config, Date.now),
        log,
      ),
    ),
  )

async function judge(logs: Logs, at: string): Promise<Judgement> {
  const verdict = new Verdict(20)
  for await (const event of eventsIn(logs)) verdict.see(event)
  return verdict.judge(Date.parse(`${at}Z`))
}

const DAY = 'May 19'
const on = (time: string, pid: number, text: string, day = DAY): string => `${day} ${time} 2015 (${pid}) ${text}`
const starts = (time: string, firstPid: number, names: readonly string[], day = DAY): string[] =>
  names.map((name, i) => on(time, firstPid + i, `${name} qrunner started.`, day))
const stops = (time: string, master: number, day = DAY): string =>
  on(time, master, 'Master watcher caught SIGTERM.  Exiting.', day)
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 19)

const two = ['IncomingRunner', 'OutgoingRunner']

t.test('the last start, and the stop before it; a stop after it; none', async t => {
  const before = starts('04:00:00', 10, two, 'May 18')
  const judged = await judge(
    { qrunner: [...before, stops('17:04:00', 9), ...starts('18:00:07', 20, two)] },
    '2015-05-19T18:02:00',
  )
  t.same([iso(judged.startMs), iso(judged.beforeMs), judged.stoppedMs], ['2015-05-19T18:00:07', '2015-05-19T17:04:00', undefined])
  t.same([judged.runners.state, judged.runners.up], ['up', two])
  const stopped = await judge({ qrunner: [...before, stops('17:04:00', 9)] }, '2015-05-19T18:02:00')
  t.same(iso(stopped.stoppedMs), '2015-05-19T17:04:00')
  const none = await judge(
    { qrunner: [on('17:04:00', 9, 'IncomingRunner qrunner caught SIGHUP.  Reopening logs.')] },
    '2015-05-19T18:00',
  )
  t.equal(none.startMs, undefined)
})

t.test('a runner that the master replaces is no start of Mailman, but it died', async t => {
  const lines = [
    ...starts('04:00:00', 10, two),
    on(
      '12:00:00',
      9,
      'Master qrunner detected subprocess exit\n(pid: 11, sig: 9, sts: None, class: OutgoingRunner, slice: 1/1) [restarting]',
    ),
    on('12:00:00', 30, 'OutgoingRunner qrunner started.'),
  ]
  const { startMs, runners } = await judge({ qrunner: lines }, '2015-05-19T12:10:00')
  t.equal(iso(startMs), '2015-05-19T04:00:00')
  t.match(runners, { state: 'down', died: ['OutgoingRunner'], up: two })
})

t.test('killed with all it runs, and started again: a start without any stop', async t => {
  const lines = [...starts('04:00:00', 10, two), ...starts('12:00:00', 50, two)]
  const { startMs, beforeMs, runners } = await judge({ qrunner: lines }, '2015-05-19T12:10:00')
  t.same([iso(startMs), beforeMs, runners.state], ['2015-05-19T12:00:00', undefined, 'up'])
})

t.test('what does not come up is coming for a minute, then it is missing; also where it was missing at a first try', async t => {
  const before = [...starts('04:00:00', 10, two), stops('17:04:00', 9)]
  const first = [...before, ...starts('18:00:07', 20, ['IncomingRunner'])]
  t.match((await judge({ qrunner: first }, '2015-05-19T18:00:30')).runners, { state: 'unknown', missing: ['OutgoingRunner'] })
  t.match((await judge({ qrunner: first }, '2015-05-19T18:01:30')).runners, { state: 'down', missing: ['OutgoingRunner'] })
  const second = [...first, stops('18:05:00', 19), ...starts('18:06:00', 30, ['IncomingRunner'])]
  t.match((await judge({ qrunner: second }, '2015-05-19T18:08:00')).runners, { state: 'down', missing: ['OutgoingRunner'] })
})

t.test('slices count, and old ones that end late do not', async t => {
  const sliced = ['IncomingRunner', 'IncomingRunner', 'OutgoingRunner']
  const restart = (names: readonly string[]): string[] => [
    ...starts('04:00:00', 10, sliced),
    on('18:00:00', 9, 'Master watcher caught SIGINT.  Restarting.'),
    on('18:00:00', 10, 'IncomingRunner qrunner caught SIGINT.  Stopping.'),
    on('18:00:00', 10, 'IncomingRunner qrunner exiting.'),
    on(
      '18:00:00',
      9,
      'Master qrunner detected subprocess exit\n(pid: 10, sig: None, sts: 2, class: IncomingRunner, slice: 1/2) [restarting]',
    ),
    on('18:00:01', 20, `${names[0]} qrunner started.`),
    on('18:00:01', 11, 'IncomingRunner qrunner caught SIGINT.  Stopping.'),
    on(
      '18:00:02',
      9,
      'Master qrunner detected subprocess exit\n(pid: 11, sig: None, sts: 2, class: IncomingRunner, slice: 2/2) [restarting]',
    ),
    ...names.slice(1).map((name, i) => on('18:00:02', 21 + i, `${name} qrunner started.`)),
  ]
  t.match((await judge({ qrunner: restart(sliced) }, '2015-05-19T18:10:00')).runners, { state: 'up', died: [] })
  const { runners } = await judge({ qrunner: restart(two) }, '2015-05-19T18:10:00')
  t.match(runners, { state: 'down', missing: ['IncomingRunner'] })
})

t.test('without logs from before, 2.1 has eight runners; of 3 nobody knows', async t => {
  t.equal((await judge({ qrunner: starts('18:00:07', 20, two) }, '2015-05-19T18:02:00')).runners.missing.length, 6)
  const lines = ['in', 'out'].map((name, i) => `May 19 18:00:07 2015 (${20 + i}) ${name} runner started.`)
  const { startMs, runners } = await judge({ mailman: lines }, '2015-05-19T18:02:00')
  t.equal(iso(startMs), '2015-05-19T18:00:07')
  t.match(runners, { state: 'unknown', isFirst: true })
})

t.test('given up by Mailman', async t => {
  const lines = [
    ...starts('18:00:07', 20, two),
    on('18:01:00', 9, 'Qrunner IncomingRunner reached maximum restart limit of 10, not restarting.'),
  ]
  t.match((await judge({ qrunner: lines }, '2015-05-19T18:02:00')).runners, { state: 'down', givenUp: ['IncomingRunner'] })
})

t.test('errors: a kind is what is left without numbers, quoted parts, paths and addresses', async t => {
  const raised = (time: string, day: string, text: string): string[] => [
    on(time, 20, `Uncaught runner exception: ${text}`, day),
    on(
      time,
      20,
      `Traceback (most recent call last):\n  File "/usr/lib/mailman/Mailman/Queue/Runner.py", line 119, in _oneloop\nIOError: ${text}`,
      day,
    ),
  ]
  const shapes: (string | undefined)[] = []
  const lines = [
    ...raised('01:00:00', DAY, "[Errno 13] Permission denied: '/var/lib/mailman/lists/dev/request.pck'"),
    ...raised('01:00:01', DAY, "[Errno 13] Permission denied: '/var/lib/mailman/lists/ann/request.pck.4711'"),
    ...raised('01:00:02', DAY, "'ascii' codec can't decode byte 0xe9 in position 12 of ann@example.org"),
    on('01:00:03', 20, 'Something that no template knows about 17 of "dev"'),
  ]
  for await (const event of eventsIn({ error: lines })) shapes.push(shapeOf(event))
  t.same(shapes, [
    'error-raised: IOError: [Errno #] Permission denied: …',
    'error-raised: IOError: [Errno #] Permission denied: …',
    "error-raised: IOError: … codec can't decode byte # in position # of …",
    'unknown: Something that no template knows about # of …',
  ])

  const known = raised('03:00:00', 'May 17', 'list is broken')
  const again = [...known, ...raised('18:00:09', DAY, 'list is broken'), ...raised('18:00:10', DAY, 'no space left')]
  const qrunner = [...starts('04:00:00', 10, two, 'May 17'), stops('17:04:00', 9), ...starts('18:00:07', 20, two)]
  const kinds = (await judge({ error: again, qrunner }, '2015-05-19T18:02:00')).errors
  t.same(
    kinds.map(({ shape, isNew, count }) => [shape, isNew, count]),
    [
      ['error-raised: IOError: no space left', true, 1],
      ['error-raised: IOError: list is broken', false, 1],
    ],
  )
  const tries = [...qrunner, stops('18:09:00', 19), ...starts('18:10:00', 30, two)]
  const second = { error: [...again, ...raised('18:10:05', DAY, 'no space left')], qrunner: tries }
  t.match((await judge(second, '2015-05-19T18:12:00')).errors, [{ isNew: true, count: 1 }], 'a second try does not make it usual')
  const sameSecond = { error: raised('18:00:07', DAY, 'no space left'), qrunner }
  t.match((await judge(sameSecond, '2015-05-19T18:02:00')).errors, [{ isNew: true }], 'in the second of the start')
})

/** 40 people on 10 lists, whose posts are held now and then, as learned from 4,000 of them. */
function learnedUsual(share: number): {
  usual: Usual
  post: (list: number, who: number, held: boolean) => Parameters<FirstPosts['add']>
} {
  const usual = new Usual()
  const decisions = new Decisions()
  const lists = new Lists()
  let serial = 0
  const post = (list: number, who: number, held: boolean): Parameters<FirstPosts['add']> => {
    const fact = {
      atMs: Date.UTC(2015, 4, 1) + serial * 60_000,
      action: held ? ('message-held' as const) : ('message-posted' as const),
      template: '',
      list: `list${list}`,
      sender: `u${who}@example.org`,
      messageId: `${serial++}@example.org`,
      reasons: held ? ['moderated'] : [],
      runner: undefined,
      signal: undefined,
      outcome: undefined,
      seconds: 0,
    }
    const decision = postOf(fact, lists)
    if (!decisions.isOne(decision)) throw new Error('no decision')
    return [decision, usual.standing(decision)]
  }
  const random = randomOf(11)
  for (let i = 0; i < 4000; i++) usual.learn(...post(i % 10, (i % 10) * 4 + (Math.floor(i / 10) % 4), random() < share))
  return { usual, post }
}

t.test('first posts: four that go through, or two of several people and lists that are held', async t => {
  const { usual, post } = learnedUsual(0.02)
  const through = new FirstPosts(usual, 20)
  t.match(through.judged, { state: 'undecided', seen: 0, needed: 4 })
  for (let i = 0; i < 3; i++) through.add(...post(i, i * 4, false))
  t.match(through.judged, { state: 'undecided', needed: 4 })
  through.add(...post(3, 12, false))
  t.match(through.judged, { state: 'usual', weighed: 4, held: 0 })

  const held = new FirstPosts(usual, 20)
  held.add(...post(0, 0, true))
  t.equal(held.judged.state, 'undecided')
  held.add(...post(1, 4, true))
  t.match(held.judged, { state: 'held', weighed: 2, reasons: ['moderated'] })

  const one = new FirstPosts(usual, 20)
  for (let i = 0; i < 20; i++) one.add(...post(0, 0, true))
  t.equal(one.judged.state, 'undecided', 'one person may have been set to moderated')
  t.ok(one.isFull)

  const strangers = new FirstPosts(usual, 20)
  for (let i = 0; i < 30; i++) strangers.add(...post(i % 10, 1000 + i, true))
  t.match(strangers.judged, { state: 'undecided', seen: 0, strangersHeld: 30 }, 'a wave of spam says nothing')
})

t.test('first posts: the stated rates of error, over 5,000 starts each', async t => {
  const { usual, post } = learnedUsual(0.1)
  const random = randomOf(5)
  const wrong = (share: number, verdict: 'usual' | 'held'): number => {
    let count = 0
    for (let n = 0; n < 5_000; n++) {
      const posts = new FirstPosts(usual, 1000)
      while (posts.judged.state === 'undecided') {
        const list = Math.floor(random() * 10)
        posts.add(...post(list, list * 4 + Math.floor(random() * 4), random() < share))
      }
      if (posts.judged.state === verdict) count++
    }
    return count
  }
  t.ok(wrong(0.1, 'held') <= 14, 'at most 1 in 1,000, and what chance adds to that')
  t.ok(wrong(0.9, 'usual') <= 14)
})

t.test('where too little was learned, posts say nothing', async t => {
  const posts = new FirstPosts(new Usual(), 20)
  const { post } = learnedUsual(0.02)
  for (let i = 0; i < 10; i++) posts.add(...post(i, i * 4, false))
  t.match(posts.judged, { state: 'undecided', learned: 0 })
})
