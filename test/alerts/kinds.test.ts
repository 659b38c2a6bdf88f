/** One small story for each kind of trouble, as Mailman's lines tell it: nine quiet days, then what is to be told of, and nothing else. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runReplay } from '../../src/commands/alerts-replay.js'
import { writeLogs } from '../support/traffic/files.mjs'

interface Line {
  readonly atMs: number
  readonly log: string
  readonly text: string
}

interface Told {
  readonly kind: string
  readonly severity: string
  readonly list: string | null
  readonly about: string | null
  readonly since: string
  readonly raised: string
  readonly ended: string | null
  readonly count: number
  readonly before: readonly { readonly what: string }[]
  readonly examples: readonly string[]
}

const FROM = Date.UTC(2026, 2, 2)
const TROUBLE = Date.UTC(2026, 2, 11, 12)
const MINUTE = 60_000

/** One each `everyMs` from a time on. */
const series = (log: string, fromMs: number, count: number, everyMs: number, text: (i: number) => string): Line[] =>
  Array.from({ length: count }, (_, i) => ({ atMs: fromMs + i * everyMs, log, text: text(i) }))

const posted = (i: number | string, from = 'ann1@example.org'): string =>
  `post to dev from ${from}, size=1500, message-id=<${i}@example.net>, success`

/** A post every 20 minutes, until two hours after the trouble. */
const quiet = series('post', FROM, (9 * 24 + 14) * 3, 20 * MINUTE, i => posted(i))

function stamp(atMs: number): string {
  const [, day, month, year, time] = new Date(atMs).toUTCString().split(' ')
  return `${month} ${day} ${time} ${year} (4711) `
}

async function told(t: Test, ...stories: Line[][]): Promise<Told[]> {
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
  const lines = stories.flat().sort((a, b) => a.atMs - b.atMs)
  const records = lines.map(({ atMs, log, text }) => ({
    at: atMs / 1000,
    log,
    text: `${stamp(atMs)}${text}\n`,
    action: undefined,
  }))
  writeLogs(directory, [records])
  const out: string[] = []
  const files = [...new Set(lines.map(({ log }) => log))].map(log => join(directory, log))
  await runReplay({ config: join(directory, 'config.yaml'), files, timezone: 'UTC', json: true }, line => out.push(line))
  return out.map(line => JSON.parse(line))
}

const at = (afterMs: number): string => `${new Date(TROUBLE + afterMs).toISOString().slice(0, 16)}`

t.test('nothing', async t => {
  t.same(await told(t, quiet), [])
})

t.test('delivery-slow: deliveries of a minute and more; those of 40 seconds are none', async t => {
  const line = (seconds: number) => (i: number) =>
    `<${seconds}.${i}@example.net> smtp to dev for 40 recips, completed in ${seconds}.120 seconds`
  const usual = series('smtp', FROM, 9 * 24, 60 * MINUTE, line(40))
  t.same(await told(t, quiet, usual, series('smtp', TROUBLE, 12, 3 * MINUTE, line(40))), [])
  const slow = await told(t, quiet, usual, series('smtp', TROUBLE, 12, 3 * MINUTE, line(75)))
  t.match(slow, [{ kind: 'delivery-slow', severity: 'warning', list: 'dev', since: RegExp(`^${at(0)}`), count: 12 }])
  t.equal(slow.length, 1)
  t.ok(slow[0]!.raised <= at(30 * MINUTE), slow[0]!.raised)
})

t.test('delivery-failures: the mail server is away', async t => {
  const refused = (i: number) => `Low level smtp error: [Errno 111] Connection refused, msgid: <${i}@example.net>`
  const [alert, ...others] = await told(t, quiet, series('smtp-failure', TROUBLE, 20, 2 * MINUTE, refused))
  t.match(alert, { kind: 'delivery-failures', severity: 'critical', since: RegExp(`^${at(0)}`), count: 20 })
  t.same(others, [])
})

t.test('delivery-failures: far more recipients refused than usual; those of one message are one', async t => {
  const refused = (i: number) => `delivery to bob${i}@example.com failed with code 550: 5.1.1 User unknown`
  const once = Array.from({ length: 40 }, (_, i) => series('smtp-failure', TROUBLE, 1, 0, () => refused(i))).flat()
  t.same(await told(t, quiet, once), [])
  const [alert, ...others] = await told(t, quiet, series('smtp-failure', TROUBLE, 50, 20_000, refused))
  t.match(alert, { kind: 'delivery-failures', severity: 'warning', since: RegExp(`^${at(0)}`), count: 50 })
  t.same(others, [])
})

t.test('bounce-storm: two lines about one message are one', async t => {
  const bounced = (i: number) => `dev: bob${i}@example.com current bounce score: 1.0`
  const [alert, ...others] = await told(t, quiet, series('bounce', TROUBLE, 80, 10_000, bounced))
  t.match(alert, { kind: 'bounce-storm', severity: 'warning', list: 'dev', since: RegExp(`^${at(0)}`), count: 80 })
  t.same(others, [])
  const first = (i: number) => `dev: bounce message w/no discernable addresses: <${i}@example.net>`
  const second = (i: number) => `dev: forwarding unrecognized, message-id: <${i}@example.net>`
  const both = [series('bounce', TROUBLE, 80, 10_000, first), series('bounce', TROUBLE + 2000, 80, 10_000, second)]
  t.match(await told(t, quiet, ...both), [{ kind: 'bounce-storm', count: 80 }])
})

t.test('login-attacks: one failure in two logs is one', async t => {
  const rosters = (i: number) => `Login failure with private rosters: bob${i}@example.com from 192.0.2.7`
  const options = (i: number) => `Authorization failed (options): user=bob${i}@example.com: list=dev: remote=192.0.2.7`
  const both = [series('mischief', TROUBLE, 60, 5000, rosters), series('security', TROUBLE, 60, 5000, options)]
  const [alert, ...others] = await told(t, quiet, ...both)
  t.match(alert, { kind: 'login-attacks', severity: 'warning', since: RegExp(`^${at(0)}`), count: 60 })
  t.same(others, [])
})

t.test('subscription-flood', async t => {
  const pending = (i: number) => `dev: pending New Person <bob${i}@example.com>  192.0.2.7`
  const [alert, ...others] = await told(t, quiet, series('subscribe', TROUBLE, 60, 10_000, pending))
  t.match(alert, { kind: 'subscription-flood', severity: 'warning', list: 'dev', since: RegExp(`^${at(0)}`), count: 60 })
  t.same(others, [])
})

t.test('runner-trouble: one that dies again and again, and one that stays away', async t => {
  const exit = (runner: string, end: string) => () =>
    `Master qrunner detected subprocess exit\n(pid: 2003, sig: 9, sts: None, class: ${runner}, slice: 1/1) ${end}`
  const looping = await told(t, quiet, series('qrunner', TROUBLE, 3, 5 * MINUTE, exit('OutgoingRunner', '[restarting]')))
  t.match(looping, [
    {
      kind: 'runner-trouble',
      severity: 'critical',
      about: /outgoing/i,
      since: RegExp(`^${at(0)}`),
      raised: RegExp(at(10 * MINUTE)),
    },
  ])
  t.equal(looping.length, 1)
  const away = await told(t, quiet, series('qrunner', TROUBLE, 1, 0, exit('ArchRunner', '')))
  t.match(away, [{ kind: 'runner-trouble', severity: 'warning', about: /arch/i, since: RegExp(`^${at(0)}`), ended: null }])
  t.equal(away.length, 1)
})

t.test('accepted-not-delivered: what moderators let through does not come', async t => {
  const approved = (i: number | string) => `dev: held message approved, message-id: <h${i}@example.net>`
  const usual = series('vette', FROM, 60, 180 * MINUTE, i => approved(i))
  const came = series('post', FROM + 2000, 60, 180 * MINUTE, i => posted(`h${i}`, `bob${i}@example.com`))
  t.same(await told(t, quiet, usual, came), [])
  const lost = series('vette', TROUBLE, 3, MINUTE, i => approved(`lost${i}`))
  const [alert, ...others] = await told(t, quiet, usual, came, lost)
  t.match(alert, { kind: 'accepted-not-delivered', severity: 'critical', count: 3, examples: [/hlost0@/, /hlost1@/, /hlost2@/] })
  t.ok(alert!.raised >= at(30 * MINUTE) && alert!.raised <= at(35 * MINUTE), alert!.raised)
  t.same(others, [])
})

t.test('posts-stopped: ended by the first that comes', async t => {
  const busy = series('post', FROM, (9 * 24 + 12) * 30, 2 * MINUTE, i => posted(`b${i}`))
  const again = series('post', TROUBLE + 180 * MINUTE, 5, 2 * MINUTE, i => posted(`a${i}`))
  const [alert, ...others] = await told(t, busy, again)
  t.match(alert, {
    kind: 'posts-stopped',
    severity: 'critical',
    since: RegExp(`^${at(-2 * MINUTE)}`),
    ended: RegExp(at(180 * MINUTE)),
  })
  t.ok(alert!.raised <= at(75 * MINUTE), alert!.raised)
  t.same(others, [])
})

t.test('errors-at-restart', async t => {
  const started = series('qrunner', TROUBLE, 2, 0, i => `${['Incoming', 'Outgoing'][i]}Runner qrunner started.`)
  const failed = series('error', TROUBLE + 2000, 3, 3000, i => `Uncaught runner exception: trouble ${i}`)
  const [alert, ...others] = await told(t, quiet, started, failed)
  t.match(alert, { kind: 'errors-at-restart', severity: 'warning', since: RegExp(`^${at(0)}`), before: [{ what: 'start' }] })
  t.same(others, [])
})
