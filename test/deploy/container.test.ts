/**
 * The trial in containers, as far as it can be judged without a container runtime: by a Dockerfile's linter, by the reference
 * implementation of the Compose Specification, and by what we demand of both. container.long.ts runs the Dockerfile's commands.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import t from 'tap'
import { loadConfig } from '../../src/config/load.js'
import { findGoTool } from '../support/go-tool.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'deploy/container')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const dockerfile = read('Dockerfile')

interface Service {
  image?: string
  build?: unknown
  command?: string[]
  privileged?: boolean
  network_mode?: string
  user?: string
  read_only?: boolean
  cap_drop?: string[]
  cap_add?: string[]
  security_opt?: string[]
  ports?: { host_ip?: string }[]
  volumes?: { type: string; source: string; target: string; read_only?: boolean; bind?: { create_host_path?: boolean } }[]
  environment?: Record<string, string>
}

t.test('the linter finds nothing in the Dockerfile, and would', async t => {
  t.strictSame(validate(dockerfile), [])
  t.not(validate(dockerfile.replace('USER 10001:10001', 'USR 10001:10001')).length, 0)
})

t.test('the Dockerfile', async t => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  const [, tag] = /^ARG NODE=(.+)$/mu.exec(dockerfile) ?? []
  const { version } = JSON.parse(readFileSync(join(root, 'deploy/deb/runtime.json'), 'utf8'))
  t.equal(tag, `${version}-bookworm-slim`, 'the runtime of the Debian package')
  t.strictSame(
    new Set(dockerfile.match(/^FROM .*?(?= AS |$)/gmu)),
    new Set([`FROM node:${'$'}{NODE}`]),
    'one image for all stages',
  )
  t.match(last, /^USER [1-9]\d*:[1-9]\d*$/mu, 'a numeric user, not root')
  t.match(last, /^ENTRYPOINT \["mailman-shipper"\]$/mu, 'no shell before the agent')
  t.match(last, /^HEALTHCHECK .* CMD \["mailman-shipper", "status"\]$/mu)
  for (const install of dockerfile.match(/npm (?:ci|install|i) .*/gu) ?? []) t.match(install, /^npm ci .*--ignore-scripts/u)
  t.notMatch(last, /^(?:RUN npm|COPY --from=build .*node_modules)/mu, 'no development dependency, no npm run in the last stage')
  t.notMatch(dockerfile, /^ADD /mu)
})

t.test('compose.yaml', async t => {
  const directory = t.testdir({})
  cpSync(join(folder, 'make-env.sh'), join(directory, 'make-env.sh'))
  const logs = t.testdirName
  execFileSync('sh', ['make-env.sh', logs], { cwd: directory, stdio: 'pipe', env: { ...process.env, TZ: 'Europe/Berlin' } })
  const env = readFileSync(join(directory, '.env'), 'utf8')

  t.test('make-env.sh', async t => {
    t.equal(statSync(join(directory, '.env')).mode & 0o777, 0o600)
    const secrets = [...env.matchAll(/^(?:ELASTIC_PASSWORD|KIBANA_PASSWORD|KIBANA_ENCRYPTION_KEY)=([0-9a-f]{48})$/gmu)]
    t.equal(new Set(secrets.map(([, value]) => value)).size, 3, 'three secrets, all different')
    t.match(env, `LOG_DIRECTORY='${logs}'\n`)
    t.match(env, /^TZ=Europe\/Berlin$/mu)
    execFileSync('sh', ['make-env.sh'], { cwd: directory, stdio: 'pipe' })
    t.equal(readFileSync(join(directory, '.env'), 'utf8'), env, 'a second run keeps the passwords')
    t.strictSame(readdirSync(directory).sort(), ['.env', 'make-env.sh'])
  })

  // compose-go's own program gives its interpolation no variables; `$$` is left to it.
  const variables = new Map([...env.matchAll(/^(\w+)='?(.*?)'?$/gmu)].map(([, name, value]) => [name!, value!]))
  const filled = read('compose.yaml').replace(/\$\{(\w+)(?::\?[^}]*)?\}/gu, (_, name: string) => {
    t.ok(variables.has(name), `${name} is written by make-env.sh`)
    return variables.get(name) ?? ''
  })
  writeFileSync(join(directory, 'compose.yaml'), filled)
  const program = await findGoTool('compose')
  const model = execFileSync(program, ['-format', 'json', 'compose.yaml'], { cwd: directory, encoding: 'utf8' })
  const services: Record<string, Service> = JSON.parse(model).services

  t.strictSame(Object.keys(services).sort(), ['elasticsearch', 'kibana', 'kibana-user', 'setup', 'shipper'])
  for (const [name, service] of Object.entries(services)) {
    t.match(service.image, /^[a-z-]+:(?:\d+\.\d+\.\d+|trial)$/u, `${name}: a fixed version`)
    t.strictSame(service.security_opt, ['no-new-privileges:true'], `${name}: no new privileges`)
    t.strictSame([service.privileged, service.cap_add, service.network_mode, service.user], new Array(4).fill(undefined), name)
    for (const { host_ip } of service.ports ?? []) t.equal(host_ip, '127.0.0.1', `${name}: on loopback only`)
  }
  const { shipper, setup } = services as { shipper: Service; setup: Service }
  t.equal(shipper.read_only, true)
  t.strictSame(shipper.cap_drop, ['ALL'])
  t.strictSame(setup.cap_drop, ['ALL'])
  const writable = shipper.volumes?.filter(volume => !volume.read_only).map(({ source, target }) => [source, target])
  t.strictSame(writable, [['state', '/var/lib/mailman-shipper']], 'nothing but its state can be written')
  t.match(
    shipper.volumes?.find(({ target }) => target === '/var/log/mailman'),
    { source: logs, read_only: true, bind: { create_host_path: false } },
    'the logs',
  )
  t.strictSame(Object.keys(shipper.environment ?? {}), ['TZ'], 'the agent is told no password')
  t.notMatch(setup.command?.join(' '), variables.get('ELASTIC_PASSWORD')!, 'nor does the list of processes')
})

t.test('no secret in a file', async t => {
  t.notMatch(read('compose.yaml'), /(?:PASSWORD|KEY|TOKEN): (?!\$\{)\S/u)
  for (const name of readdirSync(folder).filter(name => name !== '.env')) t.notMatch(read(name), /[0-9a-f]{32}/u, name)
  t.match(readFileSync(join(root, '.gitignore'), 'utf8'), /^\.env$/mu)
})

t.test('.dockerignore names what is built from, and all of it is there', async t => {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const [everything, ...kept] = lines.filter(line => line !== '' && !line.startsWith('#'))
  t.equal(everything, '*')
  for (const line of kept) t.ok(line.startsWith('!') && existsSync(join(root, line.slice(1))), line)
})

t.test('the agent takes config.yaml', async t => {
  const config = await loadConfig(join(folder, 'config.yaml'))
  t.strictSame(config.elasticsearch?.nodes.map(String), ['http://elasticsearch:9200'])
  t.equal(config.elasticsearch?.apiKeyFile, '/var/lib/mailman-shipper/api-key', 'in its volume')
  t.strictSame(config.logs.directories, ['/var/log/mailman'])
})
