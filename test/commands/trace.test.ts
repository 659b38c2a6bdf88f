/** `trace` and `why` as people see them, on real samples and on hostile text. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Screen } from '../../src/commands/search.js'
import { runTrace, type TraceArguments } from '../../src/commands/trace.js'
import { runWhy, type WhyArguments } from '../../src/commands/why.js'
import { loadConfig } from '../../src/config/load.js'
import { widthOf, wrap } from '../../src/diagnostics/wrap.js'
import { openHash } from '../../src/privacy.js'
import { Store } from '../../src/store/store.js'
import { batchOf, documentOf } from '../support/documents.js'
import { samplesOf, storeOf, type Told } from '../support/told-store.js'

const NOW = Date.UTC(2026, 0, 1, 12)

/** A configuration of an embedded store with these logs. */
function makeSite(t: Test, told: readonly Told[], more = ''): string {
  const directory = t.testdir()
  const config = join(directory, 'config.yaml')
  writeFileSync(
    config,
    `logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\nlocal: { file: events.db }\n${more}`,
  )
  storeOf(t, told, join(directory, 'events.db'))
  return config
}

async function shown(run: (screen: Screen) => Promise<void>, look: Partial<Screen> = {}) {
  const out: string[] = []
  const err: string[] = []
  const screen: Screen = {
    out: line => void out.push(line),
    err: line => void err.push(line),
    columns: undefined,
    isColoured: false,
    now: () => NOW,
    ...look,
  }
  await run(screen)
  return { out, err }
}
const trace = (given: TraceArguments, look?: Partial<Screen>) => shown(screen => runTrace(given, screen), look)
const why = (given: WhyArguments, look?: Partial<Screen>) => shown(screen => runWhy(given, screen), look)

/** The first night of the real run: 31 December 2025. */
const firstNight = (): Told[] =>
  samplesOf('mailman-2.1', '2.1')
    .filter(({ log }) => ['vette', 'post', 'smtp', 'smtp-failure'].includes(log))
    .map(told => ({ ...told, text: told.text.slice(0, told.text.indexOf('\nJan 0') + 1) }))

t.test('a real post that waits, a real one that went out, and none', async t => {
  const config = makeSite(t, firstNight())
  const waiting = await trace({ config, messageId: '20251231235921.1.53@example.org' })
  t.strictSame(waiting.out.slice(0, 5), [
    '<20251231235921.1.53@example.org>',
    '',
    'dev: held: waits for a moderator',
    '  time                 +s  step                  what',
    '  2025-12-31 23:59:25  0   held for a moderator  Post by non-member to a members-only list',
  ])
  const posted = await trace({ config, messageId: '<20251231235921.1.6@example.org>' })
  t.strictSame(posted.out.slice(2, 7), [
    'dev: handed to the mail server, some recipients refused',
    '  time                 +s  step                          what',
    '  2025-12-31 23:59:23  0   handed to the mail server     43 recipients in 0.061 s',
    '  2025-12-31 23:59:23  0   handed over as a post         from bob32@example.com, 6 refused',
    '  2025-12-31 23:59:23  0   refused by the mail server ~  6 recipients, see below',
  ])
  t.match(posted.out.join('\n'), /refused 6 of 43 recipients/)
  t.match(posted.out.join('\n'), /nouser1@example\.com ~ {2,}550 {2,}final/)
  t.match(posted.out.at(-1), /^~ inferred/)

  const never = await trace({ config, messageId: 'never@example.org' })
  t.match(never.out.join('\n'), /never reached Mailman, as far as this store knows.* from 2025-12-31 23:59:22 to /)
  t.match((await trace({ config, messageId: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' })).err, [/HyperKitty/])
  await t.rejects(trace({ config, messageId: ' <> ' }), { code: 'MLS_USAGE_INVALID' })

  const reason = (await why({ config, subject: '<20251231235921.1.53@example.org>' })).out.join('\n')
  t.match(reason, /Held on dev at 2025-12-31 23:59:25, 12 hours ago, from stranger49@example\.com: Post by non-member/)
  t.match(reason, /Decided by Mailman 2\.1: generic_nonmember_action.*; Mailman 3: default_nonmember_action/)
  t.match(reason, /24 hours around it: \d+ on dev, \d+ on \d+ lists/)
  const discarded = (await why({ config, subject: '<20251231235921.1.65@example.org>' })).out.join('\n')
  t.match(discarded, /It was not held.*dev: discarded.*SpamDetect did that by itself.*What to do: .*find the rule/s)
  t.match((await why({ config, subject: 'dev' })).out[0], /^dev: \d+ posts wait for a moderator/)
  const moved = await why({ config, subject: 'dev@lists.example.org', json: true })
  t.match([JSON.parse(moved.out[0]!), moved.err], [{ kind: 'list', list: 'dev' }, [/Taken for the list dev/]])
  t.match((await why({ config, subject: 'nobody@example.net' })).out[0], /No event names nobody@example\.net, neither/)
  await t.rejects(why({ config, subject: 'dev', list: true, message: true }), { code: 'MLS_USAGE_INVALID' })
})

t.test('Mailman 3, real', async t => {
  const told = samplesOf('mailman-3', '3').map(({ text, ...rest }) => ({
    ...rest,
    text: text.replaceAll(/^.*\('127\.0\.0\.1', \d+\).*\n/gm, ''), // LMTP sessions: much, and nothing of it asked for here
  }))
  const config = makeSite(t, told)
  const read = async (messageId: string) => JSON.parse((await trace({ config, messageId, json: true })).out[0]!)
  t.match(await read('20261122172305.2.18@example.org'), {
    found: true,
    lives: [
      {
        list: 'users@lists.example.org',
        mailman: '3',
        state: 'partly-refused',
        recipients: 35,
        refused: 5,
        steps: [
          { step: 'accepted', after_seconds: 0 },
          { step: 'delivered', after_seconds: 16 },
        ],
        refusals: [{ address: 'full3@example.org', code: '452', final: false }],
      },
    ],
  })
  t.match(await read('20261122172323.2.537@example.org'), { lives: [{ state: 'discarded' }] })
  const held = (await why({ config, subject: '20261122172323.2.534@example.org' })).out.join('\n')
  t.match(held, /Held on dmarc@lists\.example\.org/)
  t.match(held, /Postorius/)
  const address = (await why({ config, subject: 'full3@example.org' })).out.join('\n')
  t.match(address, /was a member already; 1 bounce/)
  t.match(address, /Mailman 3 logs no joins/)
})

const EVIL = '\x1b]0;owned\x07\u202eevil\x9b2J'
const hostile = (): Told[] => [
  {
    log: 'vette',
    text: `Mar 01 10:00:00 2024 (5) Dev post from e${EVIL}ve@example.org held, message-id=<a${EVIL}${'x'.repeat(300)}@example.org>: ${EVIL} 会議 ${'word '.repeat(60)}
Mar 01 10:00:00 2024 (5) Dev post from ann@example.org held, message-id=<b@example.org>: Post to moderated list\n`,
  },
  {
    log: 'post',
    text: `Mar 01 10:00:00 2024 (7) post to dev from e@example.org, size=1, message-id=<b@example.org>, 1 failures\n`,
  },
  {
    log: 'smtp-failure',
    text: `Mar 01 10:00:00 2024 (7) delivery to ann@example.org failed with code 550: ${EVIL} no\n`,
  },
]

t.test('hostile text reaches no terminal, and all fits it', async t => {
  const config = makeSite(t, hostile())
  const evilId = `a${EVIL}${'x'.repeat(300)}@example.org`
  for (const columns of [undefined, 120, 80, 60]) {
    for (const answer of [
      await trace({ config, messageId: evilId }, { columns }),
      await trace({ config, messageId: 'b@example.org' }, { columns }),
      await trace({ config, messageId: `${EVIL}@never` }, { columns }),
      await why({ config, subject: evilId, message: true }, { columns }),
      await why({ config, subject: 'dev' }, { columns }),
      await why({ config, subject: 'ann@example.org' }, { columns }),
      await why({ config, subject: `${EVIL}` }, { columns }),
      await why({ config, subject: `${EVIL}@${EVIL}` }, { columns }),
    ]) {
      t.ok(answer.out.length > 0)
      t.notMatch([...answer.out, ...answer.err].join(''), /[\x00-\x1f\x7f-\x9f\u202e]/)
      if (columns !== undefined)
        t.strictSame(
          answer.out.filter(line => widthOf(line) > columns),
          [],
          `${columns} columns`,
        )
    }
  }
  const json = await trace({ config, messageId: evilId, json: true })
  t.notMatch(json.out.join(''), /[\x1b\x9b\u202e]/)
  t.equal(JSON.parse(json.out[0]!).message_id, evilId)
  t.notMatch((await trace({ config, messageId: 'b@example.org' })).out.join(''), /\x1b/)
  t.match((await trace({ config, messageId: 'b@example.org' }, { isColoured: true })).out.join(''), /\x1b\[31m/)
})

t.test('what is inferred is said to be', async t => {
  const text = `${hostile()[0]!.text.split('\n')[1]}\nMar 01 11:00:00 2024 (6) dev: Discarded posting:\n\tFrom: ann@example.org\n\tSubject: x\n`
  const config = makeSite(t, [{ log: 'vette', text }])
  const { out } = await why({ config, subject: 'b@example.org' })
  t.match(out[1], /^Now: discarded \(inferred: same list and sender/)
})

t.test('prose in lines', t => {
  t.strictSame(wrap('one two three', 12, ' '), [' one two', ' three'])
  t.strictSame(wrap('abcdefghijklmno', 10), ['abcdefghij', 'klmno'])
  t.strictSame(wrap('one two', undefined), ['one two'])
  t.end()
})

t.test('addresses that are stored hashed are found with the key', async t => {
  const directory = t.testdir()
  const configFile = join(directory, 'config.yaml')
  writeFileSync(join(directory, 'key'), 'a key of more than sixteen characters', { mode: 0o600 })
  writeFileSync(
    configFile,
    'logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\nlocal: { file: events.db }\nprivacy: { addresses: hash, keyFile: key }\n',
  )
  const hash = await openHash(await loadConfig(configFile, { forPeople: true }))
  const store = new Store({ file: join(directory, 'events.db'), keepDays: 90 })
  const of = { log: 'subscribe', list: 'dev', user: hash('ann@example.org') }
  store.write(batchOf([documentOf({ ...of, id: '1', action: 'member-subscribed' })]), 0)
  store.close()
  const { out, err } = await why({ config: configFile, subject: 'Ann@Example.org' })
  t.match(out.join('\n'), /Ann@Example\.org: 1 event\n- dev: since 2024-03-01 12:00:00 joined/)
  t.strictSame(err, [])
})
