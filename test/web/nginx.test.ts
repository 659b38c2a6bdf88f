/** The example of docs/web.md, in the real nginx before the built program: who reaches what. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { serveAsk } from '../support/ask-site.js'
import { startMailServer } from '../support/mail-server.js'
import { needNginx, startNginx } from '../support/nginx.js'
import { makeCertificate } from '../support/tls-front.js'

needNginx()

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

t.test('TLS, everybody to ask/, a group to the whole page', async t => {
  const mails = await startMailServer(t)
  const options = { publicUrl: 'https://lists.example.org/ask/', trustProxy: true }
  const site = await serveAsk(t, { server: `smtp://127.0.0.1:${mails.port}` }, options)
  const directory = t.testdirName
  await makeCertificate(directory, 'site', 'DNS:localhost')
  const hashed = execFileSync('openssl', ['passwd', '-apr1', 'a password'], { encoding: 'utf8' })
  writeFileSync(join(directory, 'admins'), `ann:${hashed}`)
  const port = await freePort()
  const page = readFileSync(fileURLToPath(new URL('../../docs/web.md', import.meta.url)), 'utf8')
  const [, example = ''] = /```nginx\n(server[\s\S]*?)```/.exec(page) ?? []
  const servers = example
    .replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replaceAll(/ssl_certificate \S+;/g, `ssl_certificate ${directory}/site.crt;`)
    .replaceAll(/ssl_certificate_key \S+;/g, `ssl_certificate_key ${directory}/site.key;`)
    .replace('/etc/nginx/mailman-admins', `${directory}/admins`)
    .replace('127.0.0.1:8026', new URL(site.askUrl).host)
    .replace('127.0.0.1:8025', new URL(site.url).host)
  const nginx = await startNginx(directory, servers, port)
  t.teardown(() => nginx.stop())

  const ask = async (host: string, path: string, { auth, body, headers = {} }: Asked = {}) => {
    const answer = request({
      host: '127.0.0.1',
      port,
      path,
      method: body === undefined ? 'GET' : 'POST',
      servername: host,
      ca: readFileSync(join(directory, 'ca.crt')),
      checkServerIdentity: () => undefined,
      headers: {
        host,
        ...(body === undefined ? {} : { origin: `https://${host}`, 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(auth === undefined ? {} : { auth }),
    })
    answer.end(body)
    const [response] = (await new Promise((resolve, reject) => {
      answer.once('response', message => resolve([message])).once('error', reject)
    })) as [import('node:http').IncomingMessage]
    return { status: response.statusCode, headers: response.headers, text: await text(response) }
  }

  t.match(await ask('lists.example.org', '/ask/'), { status: 200, text: /What do the logs say/ })
  t.match(await ask('lists.example.org', '/ask/', { body: 'list=announce' }), { status: 303, headers: { location: /asked$/ } })
  const { mail } = await mails.take(1)
  const code = /^https:\/\/lists\.example\.org\/ask\/open#(\S+)$/m.exec(mail.text ?? '')?.[1] ?? ''
  const opened = await ask('lists.example.org', '/ask/open', { body: `code=${code}` })
  t.match(opened, { status: 303, headers: { location: /list$/ } })
  const [cookie = ''] = opened.headers['set-cookie'] ?? []
  t.match(cookie, /^__Secure-list=.*Path=\/ask\/; HttpOnly; Secure; SameSite=Strict$/)
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  t.match(await ask('lists.example.org', '/ask/list', { headers }), { status: 200, text: /announce@lists\.example\.org/ })
  for (const path of ['/api/events', '/ask/api/events', '/ask/../api/events', '/ask//api/events', '/search.js'])
    t.equal((await ask('lists.example.org', path, { headers })).status, 404, path)

  for (const path of ['/', '/api/events', '/reasons']) {
    t.equal((await ask('events.example.org', path)).status, 401, path)
    t.equal((await ask('events.example.org', path, { auth: 'ann:wrong' })).status, 401, path)
    t.equal((await ask('events.example.org', path, { auth: 'ann:a password' })).status, 200, path)
  }
  t.notMatch(readFileSync(join(directory, 'access.log'), 'utf8'), code, 'no log of the proxy has the code')
})

interface Asked {
  readonly auth?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}
