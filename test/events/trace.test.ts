/** One message's way through the logs, by what the events share: its id, and where a line names no id, process and second. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Reading, sourceOf } from '../support/reading.js'

interface Event {
  readonly '@timestamp': string
  readonly event: { readonly action: string; readonly dataset: string }
  readonly email?: { readonly message_id?: string; readonly to?: { readonly address: string[] } }
  readonly mailman: { readonly list?: { readonly name: string }; readonly smtp?: { readonly refused?: number } }
  readonly tags?: readonly string[]
  readonly process: { readonly pid: number }
  readonly user?: { readonly email: string }
}

/** The events of real logs, in their order. */
function eventsOf(folder: string, ...names: string[]): Event[] {
  return names.flatMap(name => {
    const text = readFileSync(fileURLToPath(new URL(`../samples/${folder}/${name}`, import.meta.url)), 'latin1')
    const source = sourceOf(name.replace('.log', ''), { timezone: 'Europe/Berlin' })
    const events = new Reading(text, { source, maxLineBytes: 1 << 20 }).feed(text).end()
    return events.map(({ document }) => document as unknown as Event)
  })
}

const wayOf = (events: readonly Event[], id: string) =>
  events.filter(({ email }) => email?.message_id === id).map(({ event: { dataset, action } }) => `${dataset} ${action}`)

t.test('Mailman 2.1: held, let through, handed over, refused, bounced', async t => {
  const events = eventsOf('mailman-2.1', 'vette', 'smtp', 'post', 'smtp-failure', 'bounce')
  const id = '20260102081501.2.52@example.org'
  const way = wayOf(events, id)
  for (const step of ['vette message-held', 'vette message-approved', 'smtp message-delivered', 'post message-posted'])
    t.ok(way.includes(`mailman.${step}`), step)
  // A line of a refused recipient names neither message nor list: the same process wrote it in the same second as the post's line.
  const post = events.find(({ event, email }) => event.action === 'message-posted' && email?.message_id === id)!
  const refused = events.filter(
    one =>
      one.event.dataset === 'mailman.smtp_failure' &&
      one.process.pid === post.process.pid &&
      one['@timestamp'] === post['@timestamp'] &&
      one.email?.message_id === undefined,
  )
  t.ok(refused.length >= post.mailman.smtp!.refused!, `${refused.length} refusals`)
  const recipients = new Set(refused.flatMap(({ email }) => email?.to?.address ?? []))
  const bounces = events.filter(
    ({ event, user, mailman }) =>
      event.action === 'bounce-received' && mailman.list?.name === post.mailman.list?.name && recipients.has(user?.email ?? ''),
  )
  t.ok(bounces.length > 0, `${bounces.length} bounces of these recipients on this list`)
})

t.test('Mailman 3: the same words for the same things', async t => {
  const events = eventsOf('mailman-3', 'mailman.log', 'smtp.log', 'bounce.log')
  t.strictSame(wayOf(events, '20261122172305.2.59@example.org').slice(0, 2), [
    'mailman.vette message-held',
    'mailman.vette message-approved',
  ])
  const way = new Set(wayOf(events, '20261122172304.2.1@example.org'))
  for (const step of [
    'mailman.vette message-accepted',
    'mailman.smtp message-delivered',
    'mailman.post message-posted',
    'mailman.smtp_failure message-delivery-failed',
  ])
    t.ok(way.has(step), step)
})

t.test('every real line of either Mailman is understood, but those that strangers forged', async t => {
  const files: [string, ...string[]][] = [
    ['mailman-2.1', 'bounce', 'config', 'error', 'fromusenet', 'locks', 'mischief', 'post', 'qrunner', 'security', 'smtp'],
    ['mailman-2.1', 'smtp-failure', 'subscribe', 'vette'],
    ['mailman-3', 'mailman.log', 'smtp.log', 'bounce.log'],
    ['mailman-3/sqlalchemy-2.1-incompatible', 'mailman.log'],
    ['mailman-3/debug-levels-smtp-down', 'debug.log', 'smtp.log'],
  ]
  const unknown = files
    .flatMap(([folder, ...names]) => eventsOf(folder, ...names))
    .filter(({ event }) => event.action === undefined)
  t.strictSame(
    unknown.filter(({ tags = [] }) => !tags.includes('mailman_suspect')),
    [],
  )
  t.equal(unknown.length, 4, 'forged by a web client')
})
