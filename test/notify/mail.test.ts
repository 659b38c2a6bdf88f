/** Alerts by mail, as real mail servers take and refuse them. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { AlertMailConfig } from '../../src/config/options.js'
import { createLog } from '../../src/diagnostics/log.js'
import { type MailSecrets, makeMail } from '../../src/notify/mail.js'
import type { Notice } from '../../src/notify/notice.js'
import { alertOf } from '../support/alerts.js'
import { type MailServer, startMailServer } from '../support/mail-server.js'
import { noticeOf, site } from '../support/notices.js'
import { makeCertificate } from '../support/tls-front.js'

const [ann, bob] = ['Ann@example.org', 'bob@example.org']
const lines: string[] = []
const log = createLog({ level: 'info', destination: { write: line => lines.push(line) } })
const urlOf = ({ port }: MailServer) => `smtp://127.0.0.1:${port}`

function notifier(servers: readonly string[], more: Partial<AlertMailConfig> = {}, secrets?: MailSecrets) {
  const from = 'mailman-shipper@lists1.example.org'
  const whole = {
    servers,
    from,
    to: ['Ann@Example.ORG', bob, bob],
    caFile: undefined,
    username: undefined,
    passwordFile: undefined,
  }
  return makeMail({ ...whole, least: 'warning', ...more }, secrets ?? { ca: undefined, password: undefined }, site, log)
}

const send = (mail: ReturnType<typeof notifier>, notice: Notice) => mail.send(notice, new AbortController().signal)

/** A port that nobody listens at. */
function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

t.test('what it says, to all recipients at once', async t => {
  const server = await startMailServer(t)
  await send(notifier([urlOf(server)]), noticeOf())
  const { to, raw, mail } = await server.take(1)
  t.strictSame(to, [ann, bob])
  t.equal(mail.subject, '[critical] mailman on lists1.example.org: messages are held that usually go through')
  t.match(raw, /^Auto-Submitted: auto-generated\r$/m)
  t.match(raw, /^X-Auto-Response-Suppress: All\r$/m)
  t.notMatch(raw, /^Content-Type: (?:multipart|text\/html)/m)
  const { key } = alertOf()
  for (const line of [
    'critical: messages are held that usually go through',
    '  5 held on 4 lists by then, 5 senders who have posted before; 12 in',
    '  since 2015-05-19 18:31:05, clear 9 s later, not over yet',
    '  65 s before: Mailman was restarted (2015-05-19 18:30:00)',
    '  https://wiki.example.org/mailman#holds-spike',
    'https://kibana.example.org/app/dashboards',
    'https://lists.example.org/logs/',
    `  mailman-shipper alerts ack ${key}`,
    `  Key ${key}, kind holds-spike`,
    'Times are those of Europe/London.',
    'Host lists1.example.org, Mailman main, written 2015-05-19 18:31:20.',
  ])
    t.ok(mail.text!.split('\n').includes(line), line)
  t.match(mail.text, 'One.Two@mail.example.org')
  t.same(
    mail.text!.split('\n').filter(line => line.length > 72),
    [],
    '72 columns',
  )
})

t.test('one thread: an update and the end refer to what the first mail refers to; a resend has the same id', async t => {
  const server = await startMailServer(t)
  const mail = notifier([urlOf(server)])
  const first = noticeOf()
  await send(mail, first)
  await send(mail, first)
  await send(mail, noticeOf({ id: 'two', moment: 'grown' }))
  await send(mail, noticeOf({ id: 'three', moment: 'ended' }, { endedMs: Date.parse('2015-05-19T18:40Z') }))
  await server.take(4)
  const mails = server.received.map(received => received.mail)
  const thread = `<alert-${alertOf().key}.main@lists1.example.org>`
  t.same(
    mails.map(({ messageId }) => messageId),
    [
      '<one.main@lists1.example.org>',
      '<one.main@lists1.example.org>',
      '<two.main@lists1.example.org>',
      '<three.main@lists1.example.org>',
    ],
  )
  t.same(new Set(mails.map(({ references }) => references)), new Set([thread]))
  t.same(
    mails.map(({ inReplyTo }) => inReplyTo),
    [undefined, undefined, thread, thread],
  )
  t.match(mails[2]!.subject, '[critical] mailman on lists1.example.org: growing: messages')
  t.match(mails[3]!.subject, '[over] mailman on lists1.example.org: messages')
  t.notMatch(mails[3]!.text, 'alerts ack', 'nothing to acknowledge')
})

t.test('texts of strangers stay where they are put', async t => {
  const server = await startMailServer(t)
  const hostile = 'x\r\nBcc: eve@example.net\r\n\r\nno\x1b[2J\u202e'
  await send(notifier([urlOf(server)]), noticeOf({ id: 'a\r\nb: c' }, { list: hostile, examples: [hostile, '.'] }))
  const { to, raw, mail } = await server.take(1)
  t.strictSame(to, [ann, bob])
  t.notMatch(raw, /^(?:Bcc|b):/im)
  t.match(mail.subject, 'usually go through: x\\x0d\\x0aBcc: eve@example.net')
  t.match(mail.messageId, /^<[\da-f]{32}\.main@lists1\.example\.org>$/)
  t.notMatch(raw.replaceAll('\r\n', '\n'), /[^\x20-\x7e\n]/, 'no control character')
})

t.test('the next server where one is down, or refuses for now or for good', async t => {
  const good = await startMailServer(t)
  const greylisting = await startMailServer(t, { refuses: new Map([ann, bob].map(address => [address, 451])) })
  const refusing = await startMailServer(t, { refuses: true })
  await send(notifier([`smtp://127.0.0.1:${await freePort()}`, urlOf(greylisting), urlOf(refusing), urlOf(good)]), noticeOf())
  t.strictSame((await good.take(1)).to, [ann, bob])
  t.equal(greylisting.received.length + refusing.received.length, 0)
})

t.test('where none takes it, what it says names servers and codes, and no address', async t => {
  const refusing = await startMailServer(t, { refuses: true })
  const port = await freePort()
  await t.rejects(send(notifier([`smtp://127.0.0.1:${port}`, urlOf(refusing)]), noticeOf()), {
    code: 'MLS_ALERT_UNSENT',
    detail: `mail: smtp://127.0.0.1:${port}: ECONNREFUSED; ${urlOf(refusing)}: 2 recipients not taken, answer 550, EENVELOPE`,
  })
})

t.test('whom it went to already is not sent it again', async t => {
  const refuses = new Map([[bob, 451]])
  const server = await startMailServer(t, { refuses })
  const mail = notifier([urlOf(server)])
  await t.rejects(send(mail, noticeOf()), { code: 'MLS_ALERT_UNSENT', detail: /1 recipients not taken, answer 451/ })
  refuses.delete(bob)
  await send(mail, noticeOf())
  t.same(
    server.received.map(({ to }) => to),
    [[ann], [bob]],
  )
  t.equal(server.received[0]!.mail.messageId, server.received[1]!.mail.messageId)
  await send(mail, noticeOf({ id: 'another' }))
  t.same((await server.take(3)).to, [ann, bob])
})

t.test('one recipient who is refused for good does not have the others told for ever', async t => {
  const server = await startMailServer(t, { refuses: new Map([[bob, 550]]) })
  lines.length = 0
  await send(notifier([urlOf(server)]), noticeOf())
  t.same((await server.take(1)).to, [ann])
  t.match(lines.join(''), '"refused":1,"of":2')
  t.notMatch(lines.join(''), 'bob')
})

t.test('with TLS, a name and a password; not without', async t => {
  const directory = t.testdir()
  await makeCertificate(directory, 'mail', 'DNS:localhost')
  const login = { user: 'shipper', password: 'of the file' }
  const server = await startMailServer(t, { tls: { directory, name: 'mail' }, login })
  const ca = readFileSync(join(directory, 'ca.crt'), 'utf8')
  const url = `smtp://localhost:${server.port}`
  await send(notifier([url], { username: 'shipper' }, { ca, password: login.password }), noticeOf())
  t.match(await server.take(1), { isEncrypted: true, user: 'shipper' })
  const wrong = notifier([url], { username: 'shipper' }, { ca, password: 'wrong' })
  await t.rejects(send(wrong, noticeOf()), { code: 'MLS_ALERT_UNSENT', detail: `mail: ${url}: answer 535, EAUTH` })
  const stranger = notifier([url], { username: 'shipper' }, { ca: undefined, password: login.password })
  await t.rejects(send(stranger, noticeOf()), { code: 'MLS_ALERT_UNSENT', detail: /^mail: \S+: [A-Z_]+$/ })
})

t.test('a server that says nothing is left when the agent stops', async t => {
  const silent = createServer(() => controller.abort()).listen(0, '127.0.0.1')
  t.teardown(() => silent.close())
  await new Promise(resolve => silent.once('listening', resolve))
  const controller = new AbortController()
  const { port } = silent.address() as { port: number }
  await t.rejects(notifier([`smtp://127.0.0.1:${port}`, 'smtp://192.0.2.1']).send(noticeOf(), controller.signal), {
    code: 'MLS_ALERT_UNSENT',
  })
})
