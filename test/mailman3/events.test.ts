/**
 * A real Mailman 3 does what a mailing list server does, and the real agent reads its logs while they are written and rotated:
 * every line is in exactly one event, and each thing that happened is told by name.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ActionName } from '../../parsers/_actions.js'
import { LogStory } from '../support/log-story.js'
import { Mailman3 } from '../support/mailman3.js'
import { until } from '../support/until.js'
import { findGaps } from './coverage.js'
import { checkHeld } from './held.js'
import { forged, forgedId, later, meanwhile, type Post, posts, recovered, undelivered } from './posts.js'
import { bounces, decide, joinAndLeave, makeLists, troubles } from './season.js'

// Both then take the host's zone: Mailman's runners do not get it from their environment.
delete process.env.TZ

// The first time it is installed.
t.setTimeout(600_000)

t.test('a real Mailman 3', async t => {
  const story = new LogStory(t, { logs: { directories: [join(t.testdirName, 'logs')] } })
  const mailman = new Mailman3(join(story.directory, 'mailman'), story.logs)
  t.teardown(() => mailman.end())
  await mailman.install()
  const begun = Math.floor(Date.now() / 1000) * 1000

  story.start()
  await mailman.start()
  await makeLists(mailman)
  await mailman.deliver(...posts, forgedId)
  await mailman.says('mailman', ...posts.map(({ id }) => id.split(' ')[0]!), 'folded-forged', /<html@\S+ discarded by/)
  await joinAndLeave(mailman)
  await decide(mailman)
  await bounces(mailman)

  for (const name of ['mailman.log', 'smtp.log', 'bounce.log']) story.rotate(name)
  await mailman.deliver(...meanwhile)
  await mailman.says('mailman', ...meanwhile.map(({ id }) => id))
  await mailman.run('reopen')
  await mailman.reopened()
  await mailman.deliver(later)
  await mailman.says(
    'smtp',
    'persistent temporary failures: <meanwhile@',
    '<later@example.org> delivery to',
    '<owner@example.net> post',
  )
  await troubles(mailman)
  await mailman.finishes()
  await until(
    () => findGaps(story.logs, story.documents).length === 0,
    () => 'all lines so far are in events',
  )
  await t.test('held', t => checkHeld(t, mailman, story.documents, story.directory))
  t.equal(await mailman.stop(), 0, 'Mailman stops')

  await until(
    () => findGaps(story.logs, story.documents).length === 0,
    () => `every line in exactly one event; ${findGaps(story.logs, story.documents).slice(0, 5).join('; ')}`,
  )
  const ended = Date.now()
  await story.stop()
  const { documents } = story
  // `mailman_suspect` is a record that a moderator's comment imitates: it is there once, and counts nowhere.
  const events = documents.filter(({ tags }) => tags === undefined)

  /** The events of an action, those that match `like`. */
  const count = (action: ActionName, like: object = {}): number =>
    events.filter(event => holds(event, { event: { action } }) && holds(event, like)).length

  t.test('all lines', async t => {
    t.same(findGaps(story.logs, documents), [], `every line in exactly one of ${documents.length} events`)
    t.equal(new Set(documents.map(({ event }) => event.id)).size, documents.length, 'ids are unique')
    t.ok(readdirSync(story.logs).includes('mailman.log.1'), 'over a rotation')
    t.same(story.troubles, [], 'without trouble')
    t.same(
      events.filter(({ event }) => event.action === undefined),
      [],
      'each has an action',
    )
    t.ok(
      documents.every(document => holds(document, { event: { module: 'mailman', provider: 'mailman3' } })),
      'all are of Mailman 3',
    )
    const times = events.map(event => Date.parse(`${event['@timestamp']}`))
    t.ok(Math.min(...times) >= begun && Math.max(...times) <= ended, 'all of this run: stamps without and with a zone')
    t.match(
      documents.filter(({ tags }) => tags !== undefined),
      [{ tags: ['mailman_suspect'], message: forged.slice(forged.indexOf('HOLD')), process: { pid: 4242 } }],
      'a record that a comment imitates is told from a real one',
    )
  })

  t.test('each message', async t => {
    for (const { id, fate } of [...posts, ...meanwhile, later, undelivered, recovered] satisfies Post[]) {
      const about = events.filter(event => holds(event, { email: { message_id: id } }))
      // How long a temporary failure lasts is a matter of time.
      const actions = new Set(about.map(({ event }) => event.action).filter(action => action !== 'delivery-abandoned'))
      t.same([...actions].sort(), Object.keys(fate).sort(), id)
      for (const [action, like] of Object.entries(fate))
        t.ok(
          about.some(event => holds(event, { event: { action } }) && holds(event, like)),
          `${id}: ${action} ${JSON.stringify(like)}`,
          { about },
        )
    }
    t.equal(count('message-held', { email: { message_id: 'forged@example.org' } }), 0, 'nothing is known of what was forged')
  })

  t.test('what happened to people and messages', async t => {
    const list = { fqdn: 'dev@lists.example.org', host: 'lists.example.org', name: 'dev' }
    const failed = (address: string, code: string, enhanced_code: string) => ({
      email: { message_id: 'posted@example.org', to: { address: [address] } },
      mailman: { smtp: { code, enhanced_code } },
    })
    const expected: [ActionName, object, number?][] = [
      ['message-delivery-failed', failed('nouser1@example.org', '550', '5.1.1')],
      ['message-delivery-failed', failed('many2@example.org', '550', '5.7.1')],
      ['message-delivery-failed', failed('full3@example.org', '452', '4.2.2')],
      ['delivery-abandoned', { email: { message_id: 'meanwhile@example.org' } }],
      ['delivery-abandoned', { email: { message_id: 'recovered@example.org' } }],
      ['message-discarded', { email: { from: { address: ['mona@example.org'] } }, mailman: { list } }],
      ['message-rejected', { email: { subject: 'Grüße an alle' }, mailman: { moderation: { comment: 'Not here, please.' } } }],
      ['message-discarded', { email: { subject: `Hello ${forged}` }, mailman: { moderation: { comment: 'Nonsense' } } }],
      // For the fourth and the fifth held post of a day; the first three are answered.
      ['autoresponse-suppressed', { email: { to: { address: ['ann@example.org'] } } }, 2],
      ['autoresponse-suppressed', { email: { to: { address: ['eve@example.net'] } } }, 2],
      ['subscription-refused', { user: { email: 'zoe@example.org' }, mailman: { list } }],
      ['subscription-banned', { user: { email: 'banned@example.net' }, mailman: { list } }],
      ['subscription-held', { user: { email: 'eve@example.net' }, mailman: { list: { name: 'announce' } } }],
      ['unsubscription-held', { user: { email: 'ben@example.org' }, mailman: { list: { name: 'plain' } } }],
      ...['nouser1', 'many2', 'ben'].flatMap<[ActionName, object]>(name => [
        ['bounce-received', { user: { email: `${name}@example.org` }, mailman: { list, bounce: { score: 1 } } }],
        ['bounce-threshold-reached', { user: { email: `${name}@example.org` }, mailman: { list, bounce: { threshold: 1 } } }],
        ['member-disabled', { user: { email: `${name}@example.org` }, mailman: { list } }],
      ]),
      ['bounce-ignored', { user: { email: 'nobody@example.org' }, mailman: { list } }],
      ['bounce-unrecognized', { email: { message_id: 'bounce-odd@example.net' } }],
      ['bounce-unrecognized', { email: { message_id: 'bounce-verp-odd@example.net' } }],
      ['lmtp-error', { error: { type: 'TypeError' } }],
      ['message-unparseable', {}],
      ['error-raised', { error: { type: '_pickle.UnpicklingError' } }],
    ]
    for (const [action, like, times = 1] of expected) t.equal(count(action, like), times, `${action} ${JSON.stringify(like)}`)
  })

  t.test('what happened to programs', async t => {
    t.equal(count('master-started'), 1)
    t.equal(count('master-signal', { mailman: { runner: { signal: 'SIGHUP' } } }), 1)
    t.equal(count('master-signal', { mailman: { runner: { signal: 'SIGTERM' } } }), 1)
    t.equal(count('master-stopped'), 1)
    t.equal(count('runner-started', { mailman: { runner: { name: 'in' } } }), 1)
    t.equal(count('runner-started', { mailman: { runner: { name: 'digest' } } }), 2, 'one was killed')
    t.equal(count('runner-started'), 13)
    t.equal(count('runner-stopped'), 11, 'all but the REST server, which does not say so')
    t.equal(count('task-run'), 7)
    const requests = mailman.text('mailman').match(/^\[.*\] "[A-Z]+ \/3\.1\/.* HTTP\/1\.1" \d{3} .*$/gm) ?? []
    t.equal(count('api-requested'), requests.length, `${requests.length} requests`)
    const refused = { http: { request: { method: 'POST' }, response: { status_code: 409 } }, url: { path: '/3.1/members' } }
    t.equal(count('api-requested', refused), 1)
    for (const text of ['[INFO] Starting gunicorn', '[INFO] Hang up: Master', '[INFO] Shutting down: Master'])
      t.equal(
        events.filter(({ event, message }) => event.action === 'api-server-reported' && message.startsWith(text)).length,
        1,
        text,
      )
  })

  t.test('the kind of log', async t => {
    const kinds = new Map(events.map(({ event }) => [event.action, (event as { dataset?: string }).dataset]))
    const expected: Partial<Record<ActionName, string>> = {
      'message-held': 'mailman.vette',
      'message-accepted': 'mailman.vette',
      'message-discarded': 'mailman.vette',
      'message-posted': 'mailman.post',
      'message-delivered': 'mailman.smtp',
      'message-delivery-failed': 'mailman.smtp_failure',
      'bounce-received': 'mailman.bounce',
      'subscription-held': 'mailman.subscribe',
      'runner-started': 'mailman.qrunner',
      'message-unparseable': 'mailman.error',
      'task-run': 'mailman.core',
      'api-requested': 'mailman.core',
    }
    for (const [action, dataset] of Object.entries(expected)) t.equal(kinds.get(action), dataset, `${action}: ${dataset}`)
  })
})

/** Whether all that `like` names is in `value`, as it is; a list is all of it. */
function holds(value: unknown, like: unknown): boolean {
  if (typeof like !== 'object' || like === null) return value === like
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value) && Array.isArray(like) && value.length !== like.length) return false
  const entries = new Map(Object.entries(value))
  return Object.entries(like).every(([key, part]) => holds(entries.get(key), part))
}
