/** `web.askMyList`: what is taken, and what is refused. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.js'
import { lookAround } from '../../src/config/surroundings.js'

const least = {
  publicUrl: 'https://lists.example.org/ask',
  domains: { 'lists.example.org': ['lists1'] },
  mail: { from: 'shipper@lists.example.org' },
}
const directory = t.testdir({ credentials: { 'web-link-key': 'k'.repeat(32) } })
const file = join(directory, 'config.yaml')
const load = (askMyList: object, env = {}) => {
  writeFileSync(file, stringify({ web: { askMyList } }))
  return loadConfig(file, { surroundings: lookAround(env) })
}

t.test('the least, with its defaults', async t => {
  t.same((await load(least)).web.askMyList, {
    listen: '127.0.0.1:8026',
    publicUrl: 'https://lists.example.org/ask/',
    domains: { 'lists.example.org': ['lists1'] },
    keyFile: undefined,
    trustProxy: false,
    mail: {
      server: 'smtp://127.0.0.1:25',
      from: 'shipper@lists.example.org',
      caFile: undefined,
      username: undefined,
      passwordFile: undefined,
    },
  })
})

t.test('paths are relative to the file; a systemd credential goes before the key’s file', async t => {
  const mail = { ...least.mail, server: 'smtps://mail.example.org', caFile: 'ca.crt', username: 'u', passwordFile: 'p' }
  const given = { ...least, keyFile: 'key', mail }
  const taken = (await load(given)).web.askMyList
  t.match(taken, {
    keyFile: join(directory, 'key'),
    mail: { caFile: join(directory, 'ca.crt'), passwordFile: join(directory, 'p') },
  })
  const credentials = join(directory, 'credentials')
  t.equal((await load(given, { CREDENTIALS_DIRECTORY: credentials })).web.askMyList?.keyFile, join(credentials, 'web-link-key'))
})

t.test('a proxy is believed only where nobody else comes', async t => {
  const { warnings } = await load({ ...least, listen: '0.0.0.0:8026', trustProxy: true })
  t.match(warnings, ['web.askMyList.trustProxy: whoever reaches 0.0.0.0:8026 without the proxy can say any address.'])
  t.equal((await load({ ...least, trustProxy: true })).warnings.length, 0)
})

t.test('what is refused', async t => {
  const url = 'web.askMyList.publicUrl: must be a URL such as https://lists.example.org/ask/: https, but for 127.0.0.1'
  const domains = 'must be domains in lower case, each with its hosts of Mailman 2.1'
  const server = 'web.askMyList.mail.server: must be a URL such as smtp://127.0.0.1:25'
  const refused: readonly (readonly [object, string])[] = [
    [{ mail: least.mail, domains: least.domains }, url],
    [{ ...least, publicUrl: 'http://lists.example.org/' }, url],
    [{ ...least, publicUrl: 'https://u:p@lists.example.org/' }, url],
    [{ ...least, publicUrl: 'https://lists.example.org/?a' }, url],
    [{ ...least, domains: {} }, domains],
    [{ ...least, domains: { 'Lists.Example.org': [] } }, domains],
    [{ ...least, domains: { localhost: [] } }, domains],
    [{ ...least, domains: { 'lists.example.org': 'lists1' } }, domains],
    [{ ...least, mail: {} }, 'web.askMyList.mail.from: must be an address'],
    [{ ...least, mail: { from: 'a@b.example\r\nbcc: c@d.example' } }, 'web.askMyList.mail.from: must be an address'],
    [{ ...least, mail: { ...least.mail, server: 'http://127.0.0.1' } }, server],
    [{ ...least, mail: { ...least.mail, server: 'smtp://u:secret@mail.example.org' } }, server],
    [{ ...least, mail: { ...least.mail, username: 'u' } }, 'web.askMyList.mail.username: needs web.askMyList.mail.passwordFile'],
    [
      { ...least, mail: { ...least.mail, passwordFile: 'p' } },
      'web.askMyList.mail.passwordFile: needs web.askMyList.mail.username',
    ],
    [{ ...least, key: 'secret' }, 'web.askMyList.key: unknown; did you mean web.askMyList.keyFile?'],
    [
      { ...least, mail: { ...least.mail, password: 'secret' } },
      'web.askMyList.mail.password: unknown; did you mean web.askMyList.mail.passwordFile?',
    ],
  ]
  for (const [given, sentence] of refused) {
    const { message } = await load(given).then(
      () => ({ message: 'taken' }),
      (error: unknown) => error as Error,
    )
    t.ok(message.includes(sentence), `${sentence}\n${message}`)
    t.notMatch(message, /secret/)
  }
})
