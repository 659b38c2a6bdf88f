/** The Dockerfile's commands, run one by one: what comes out runs as nobody, on a read-only root, and ships what the group may read. */
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { buildImage, Container, packagesIn } from '../support/dockerfile.js'
import { until } from '../support/until.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const why = process.getuid?.() === 0 && process.platform === 'linux' ? false : 'only root on Linux may mount'
/** Any number that nobody else here has. */
const logGroup = 20_038

t.setTimeout(1_100_000)

t.test('the image', { skip: why }, async t => {
  const directory = mkdtempSync(join(tmpdir(), 'mailman-shipper-image-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const context = join(directory, 'context')
  for (const [, path] of readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gmu)) {
    mkdirSync(dirname(join(context, path!)), { recursive: true })
    cpSync(join(root, path!), join(context, path!), { recursive: true })
  }
  chmodSync(directory, 0o755)

  const image = await buildImage(readFileSync(join(root, 'deploy/container/Dockerfile'), 'utf8'), context, directory)
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const packages = packagesIn(join(image.upper, 'usr/lib/mailman-shipper/node_modules'))
  for (const name of Object.keys(dependencies)) t.ok(packages.includes(name), name)
  t.strictSame(
    Object.keys(devDependencies).filter(name => packages.includes(name)),
    [],
    'nothing that only development needs',
  )

  const logs = join(directory, 'logs')
  mkdirSync(logs)
  const post = join(logs, 'vette')
  writeFileSync(
    post,
    'Dec 31 23:59:25 2025 (7660) Dev post from a@example.com held, message-id=<1@example.org>: Post by non-member to a members-only list\n',
  )
  chownSync(logs, 0, logGroup)
  chownSync(post, 0, logGroup)
  chmodSync(logs, 0o750)
  chmodSync(post, 0o640)

  const container = new Container(image, directory, { '/var/log/mailman': logs }, `${logGroup}`)
  t.teardown(() => container.main.kill('SIGKILL'))
  let health = { code: -1, said: '' }
  await until(
    async () => {
      health = await container.exec(image.healthcheck)
      return health.code === 0 && health.said.includes(' 1 stored')
    },
    () => `${health.said}\n${container.output}`,
  )
  t.match(health.said, /^following/u, 'the health check asks the agent, which read what its group may read')

  const status = readFileSync(`/proc/${container.main.pid}/status`, 'utf8')
  t.match(status, /^Uid:\t10001\t10001\t10001\t10001$/mu)
  t.match(status, new RegExp(`^Groups:\\t${logGroup} $`, 'mu'))
  t.match(status, /^NoNewPrivs:\t1$/mu)
  for (const set of ['Prm', 'Eff', 'Bnd', 'Inh', 'Amb'])
    t.match(status, new RegExp(`^Cap${set}:\\t0+$`, 'mu'), `no capability: ${set}`)
  for (const path of ['/tmp/nobody-has-this', '/usr/lib/mailman-shipper/x', '/x'])
    t.match((await container.exec(['touch', path])).said, 'Read-only file system', path)
  t.equal((await container.exec(['touch', '/var/lib/mailman-shipper/x'])).code, 0, 'its state can be written')
  t.match((await container.exec(['stat', '-c', '%u %g %a', '/var/lib/mailman-shipper'])).said, '10001 10001 700')

  container.main.kill('SIGTERM')
  const [code] = await once(container.main, 'exit')
  t.equal(code, 0, 'ends well when it is told to')
})
