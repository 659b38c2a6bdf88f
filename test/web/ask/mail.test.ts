/** The mail with the link, as a real mail server takes it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AskMyListConfig } from '../../../src/config/options.js'
import { listOf, readDomains } from '../../../src/web/ask/list.js'
import { type MailSecrets, makeSendLink } from '../../../src/web/ask/mail.js'
import { startMailServer } from '../../support/mail-server.js'
import { makeCertificate } from '../../support/tls-front.js'

const directory = t.testdir()
const list = listOf('an.odd+{list}$', 'lists.example.org', readDomains({ 'lists.example.org': [] }))!
const none: MailSecrets = { ca: undefined, password: undefined }

function sender(mail: Partial<AskMyListConfig['mail']>, secrets: MailSecrets = none) {
  const whole = { from: 'shipper@lists.example.org', server: '', caFile: undefined, username: undefined, passwordFile: undefined }
  const config: AskMyListConfig = {
    listen: '',
    publicUrl: 'https://lists.example.org/ask/',
    domains: {},
    keyFile: undefined,
    trustProxy: false,
    mail: { ...whole, ...mail },
  }
  return makeSendLink(config, secrets)
}

t.test('to the owner address, by the mail server of this host', async t => {
  const server = await startMailServer(t)
  await sender({ server: `smtp://127.0.0.1:${server.port}` })(list, 'https://lists.example.org/ask/open#code')
  const { to, raw, mail } = await server.take(1)
  t.strictSame(to, ['an.odd+{list}$-owner@lists.example.org'])
  t.match(mail.from, { address: 'shipper@lists.example.org' })
  t.match(raw, /^Auto-Submitted: auto-generated\r$/m)
  t.match(mail.text, '\nhttps://lists.example.org/ask/open#code\n')
  t.match(mail.text, '\nhttps://lists.example.org/ask/open\n')
  t.equal(mail.attachments.length, 0)
})

t.test('with TLS, a name and a password; and not without', async t => {
  await makeCertificate(directory, 'mail', 'DNS:localhost')
  const login = { user: 'shipper', password: 'of the file' }
  const server = await startMailServer(t, { tls: { directory, name: 'mail' }, login })
  const ca = readFileSync(join(directory, 'ca.crt'), 'utf8')
  const given = { server: `smtp://localhost:${server.port}`, username: 'shipper' }
  await sender(given, { ca, password: login.password })(list, 'https://lists.example.org/#c')
  t.match(await server.take(1), { isEncrypted: true, user: 'shipper' })
  await t.rejects(sender(given, { ca, password: 'wrong' })(list, 'x'), { code: 'EAUTH' })
  await t.rejects(sender(given, { ca: undefined, password: login.password })(list, 'x'), 'an authority that nobody knows')
  const plain = await startMailServer(t)
  await t.rejects(sender({ server: `smtp://localhost:${plain.port}` }, { ca, password: undefined })(list, 'x'), { code: 'ETLS' })
  t.equal(server.received.length + plain.received.length, 1)
})
