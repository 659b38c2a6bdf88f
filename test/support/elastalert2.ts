/** The real ElastAlert2 with our rules on a piece of the past, and what it sends: HTTP posts and mail, to this process. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { Test } from 'tap'
import { parse } from 'yaml'
import type { TestElasticsearch } from './elasticsearch.js'
import { installPython, withoutPythonOfOthers } from './python-venv.js'
import { until } from './until.js'

const folder = fileURLToPath(new URL('../../deploy/elastalert2/', import.meta.url))

/** The directory of its programs. */
const installElastalert = (): Promise<string> =>
  installPython({
    name: 'ElastAlert2',
    folder: 'mailman-shipper-elastalert2',
    requirements: join(folder, 'requirements.txt'),
    check: ['elastalert', '--help'],
    says: 'usage: elastalert',
  })

export interface Post {
  readonly rule: string
  readonly [field: string]: unknown
}

export interface Mail {
  readonly subject: string
  readonly text: string
}

export interface Receivers {
  readonly posts: Post[]
  readonly mails: Mail[]
  readonly httpPort: number
  readonly smtpPort: number
}

/** On loopback; closed with the test. */
export async function startReceivers(t: Test): Promise<Receivers> {
  const posts: Post[] = []
  const mails: Mail[] = []
  const http = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    posts.push(JSON.parse(text))
    response.end()
  }).listen(0, '127.0.0.1')
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    async onData(stream, _session, done) {
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(part)
      const { subject = '', text = '' } = await new PostalMime().parse(Buffer.concat(parts))
      mails.push({ subject, text })
      done()
    },
  })
  smtp.listen(0, '127.0.0.1')
  await Promise.all([once(http, 'listening'), once(smtp.server, 'listening')])
  t.teardown(async () => {
    http.close()
    http.closeAllConnections()
    await new Promise<void>(resolve => smtp.close(resolve))
  })
  const portOf = (address: unknown): number => (address as AddressInfo).port
  return { posts, mails, httpPort: portOf(http.address()), smtpPort: portOf(smtp.server.address()) }
}

export interface Site {
  readonly server: TestElasticsearch
  readonly namespace: string
  /** Has the rights that README.md names. */
  readonly apiKey: string
  readonly receivers: Receivers
}

const RULES_MS = 180_000

/**
 * Our files in a directory of the test, with what a site changes in them changed; every rule runs once, from `start` to now.
 * @param directory of the test's own  @returns what it said, when all rules have run
 */
export async function runElastalert(t: Test, directory: string, site: Site, start: Date): Promise<string> {
  const { server, namespace, apiKey, receivers } = site
  const bin = await installElastalert()
  cpSync(folder, directory, { recursive: true })
  const { hostname, port } = new URL(server.url)
  const config = parse(readFileSync(join(folder, 'config.example.yaml'), 'utf8'))
  Object.assign(config, {
    rules_folder: join(directory, 'rules'),
    // The past is asked for in pieces of this length.
    run_every: { minutes: 5 },
    es_host: hostname,
    es_port: Number(port),
    ca_certs: server.caFile,
    writeback_index: `elastalert-${namespace}`,
  })
  const notify = parse(readFileSync(join(folder, 'notify.yaml'), 'utf8'))
  Object.assign(notify, {
    alert: ['post', 'email'],
    http_post_url: `http://127.0.0.1:${receivers.httpPort}/`,
    smtp_host: '127.0.0.1',
    smtp_port: receivers.smtpPort,
    index: notify.index.replace('default', namespace),
  })
  const configFile = join(directory, 'config.yaml')
  writeFileSync(configFile, JSON.stringify(config))
  writeFileSync(join(directory, 'notify.yaml'), JSON.stringify(notify))

  // Its client takes the authority that these name before the one of its configuration.
  const { REQUESTS_CA_BUNDLE: _requests, CURL_CA_BUNDLE: _curl, ...others } = withoutPythonOfOthers()
  const options = { cwd: directory, env: { ...others, ES_API_KEY: apiKey, no_proxy: '*', TZ: 'UTC' } }
  await promisify(execFile)(join(bin, 'elastalert-create-index'), ['--config', configFile, '--old-index', ''], {
    ...options,
    timeout: RULES_MS,
    killSignal: 'SIGKILL',
  })
  // No --end: with it, this version ends before the rules have begun.
  const args = ['--config', configFile, '--verbose', '--start', start.toISOString()]
  const child = spawn(join(bin, 'elastalert'), args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const names = readdirSync(join(folder, 'rules')).map(file => parse(readFileSync(join(folder, 'rules', file), 'utf8')).name)
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`ElastAlert2 ended: ${said.slice(-3000)}`)
      return names.every(name => said.includes(`Ran ${name} from `))
    },
    () => `all rules have run: ${said.slice(-3000)}`,
    RULES_MS,
  )
  child.kill('SIGTERM')
  await ended
  return said
}
