/**
 * Prepares a secured cluster of several nodes on loopback, with TLS between them, and starts nothing.
 *
 *   node cluster.mjs VERSION DIRECTORY NAME…   prints {password, caFile, nodes: [{name, url, command, args, env}]}
 *
 * Whoever runs the nodes' commands owns the processes. DIRECTORY must be reachable for `nobody` where root prepares it.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { makeAuthority, makeCertificate } from './certificates.mjs'
import { install } from './install.mjs'

const isRoot = process.getuid() === 0
const [version, directory, ...names] = process.argv.slice(2)
const { home, java } = install(version)
const password = randomBytes(12).toString('hex')
const certificates = join(directory, 'certificates')

/** Ports that are free now; held together, so that they differ. */
const freePorts = async count => {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(servers.map(server => new Promise(resolve => server.listen(0, '127.0.0.1', resolve))))
  const ports = servers.map(server => server.address().port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

const yaml = settings =>
  Object.entries(settings)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('')

/** Elasticsearch refuses to run as root; as root it runs as nobody, who owns only what it writes. */
const asServer = command =>
  isRoot ? { command: 'setpriv', args: ['--reuid=nobody', '--clear-groups', command] } : { command, args: [] }

const prepare = (name, http, transport, seeds) => {
  const own = join(directory, name)
  const writes = ['config', 'data', 'logs', 'tmp'].map(part => join(own, part))
  for (const path of writes) mkdirSync(path, { recursive: true, mode: 0o755 })
  const config = join(own, 'config')
  cpSync(join(home, 'config'), config, { recursive: true })
  cpSync(certificates, join(config, 'certificates'), { recursive: true })
  const jvm = join(config, 'jvm.options')
  // The paths in it are relative to the installation, which the server may not write.
  const options = readFileSync(jvm, 'utf8').replaceAll('=logs/', `=${own}/logs/`)
  writeFileSync(jvm, options.replace(/=data$/m, `=${own}/data`))
  const tls = part => ({
    [`xpack.security.${part}.ssl.enabled`]: true,
    [`xpack.security.${part}.ssl.key`]: 'certificates/node.key',
    [`xpack.security.${part}.ssl.certificate`]: 'certificates/node.crt',
    [`xpack.security.${part}.ssl.certificate_authorities`]: ['certificates/ca.crt'],
  })
  const settings = {
    'cluster.name': 'mailman-shipper-cluster',
    'node.name': name,
    'network.host': '127.0.0.1',
    'http.port': http,
    'transport.port': transport,
    'discovery.seed_hosts': seeds,
    'cluster.initial_master_nodes': names,
    'path.data': join(own, 'data'),
    'path.logs': join(own, 'logs'),
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'xpack.security.enabled': true,
    ...tls('http'),
    ...tls('transport'),
    'xpack.security.transport.ssl.verification_mode': 'certificate',
  }
  writeFileSync(join(config, 'elasticsearch.yml'), yaml(settings))
  const env = {
    PATH: process.env.PATH,
    HOME: join(own, 'tmp'),
    ES_JAVA_HOME: java,
    ES_PATH_CONF: config,
    ES_TMPDIR: join(own, 'tmp'),
    // Three begin at once: the second compiler would take more than it gives in their short lives.
    ES_JAVA_OPTS: '-Xms512m -Xmx512m -XX:TieredStopAtLevel=1',
    CLI_JAVA_OPTS: '-Xmx64m',
  }
  if (isRoot) execFileSync('chown', ['-R', 'nobody', ...writes])
  const keystore = asServer(join(home, 'bin/elasticsearch-keystore'))
  const add = ['add', '-x', '-f', 'bootstrap.password']
  execFileSync(keystore.command, [...keystore.args, ...add], { env, input: password, stdio: ['pipe', 'ignore', 'pipe'] })
  return {
    name,
    url: `https://localhost:${http}`,
    log: join(own, 'logs/console'),
    ...asServer(join(home, 'bin/elasticsearch')),
    env,
  }
}

makeAuthority(certificates)
makeCertificate(certificates, 'node')
const ports = await freePorts(2 * names.length)
const seeds = ports.slice(names.length).map(port => `127.0.0.1:${port}`)
const nodes = names.map((name, index) => prepare(name, ports[index], ports[names.length + index], seeds))
console.log(JSON.stringify({ password, caFile: join(certificates, 'ca.crt'), nodes }))
