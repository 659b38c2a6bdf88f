/**
 * A real, secured, single-node Elasticsearch for tests. One server per version serves all test processes of this user; it
 * ends by itself ten minutes after the last one, or by `stop`.
 *
 *   node server.mjs start VERSION [PID] [NAME]   prints {url, user, password, caFile, version}; PID (else the parent) holds it
 *   node server.mjs stop [NAME]                  stops that server, or all
 *
 * NAME is the version, or anything else for a server apart from the shared one.
 * State: <tmp>/mailman-shipper-elasticsearch-<uid>/<name>/ with server.json, holders/<pid>, the server's files, its log.
 */
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeAuthority, makeCertificate } from './certificates.mjs'
import { cache, install } from './install.mjs'

const idleMs = 600_000
const startMs = 240_000
const uid = process.getuid()
const base = join(tmpdir(), `mailman-shipper-elasticsearch-${uid}`)
const me = fileURLToPath(import.meta.url)

const isAlive = pid => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

const readServer = directory => {
  try {
    return JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8'))
  } catch {
    return undefined
  }
}

/** The status of a request with the password, or undefined: no answer. */
const ask = (server, path, method = 'GET', body = undefined) =>
  new Promise(resolve => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const options = {
      headers,
      ca: readFileSync(server.caFile),
      auth: `${server.user}:${server.password}`,
      timeout: 10_000,
      agent: false,
      method,
    }
    const call = request(server.url + path, options, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
      response.on('error', () => resolve(undefined))
    })
    call.on('timeout', () => call.destroy())
    call.on('error', () => resolve(undefined))
    call.end(body)
  })

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const prepare = async (directory, home) => {
  rmSync(directory, { recursive: true, force: true })
  for (const name of ['holders', 'config', 'data', 'logs', 'tmp'])
    mkdirSync(join(directory, name), { recursive: true, mode: 0o755 })
  cpSync(join(home, 'config'), join(directory, 'config'), { recursive: true })
  const jvm = join(directory, 'config/jvm.options')
  // The paths in it are relative to the installation, which the server may not write.
  writeFileSync(
    jvm,
    readFileSync(jvm, 'utf8')
      .replaceAll('=logs/', `=${directory}/logs/`)
      .replace(/=data$/m, `=${directory}/data`),
  )
  makeAuthority(join(directory, 'certificates'))
  makeCertificate(join(directory, 'certificates'), 'node')
  cpSync(join(directory, 'certificates'), join(directory, 'config/certificates'), { recursive: true })
  const settings = {
    'cluster.name': 'mailman-shipper-test',
    'discovery.type': 'single-node',
    'network.host': '_local_',
    'http.port': await freePort(),
    'transport.port': await freePort(),
    'path.data': join(directory, 'data'),
    'path.logs': join(directory, 'logs'),
    'cluster.routing.allocation.disk.threshold_enabled': false,
    // Each test leaves data streams behind, which this server cannot delete, and several runs find the same server.
    'cluster.max_shards_per_node': 5000,
    'xpack.security.enabled': true,
    'xpack.security.http.ssl.enabled': true,
    'xpack.security.http.ssl.key': 'certificates/node.key',
    'xpack.security.http.ssl.certificate': 'certificates/node.crt',
  }
  writeFileSync(
    join(directory, 'config/elasticsearch.yml'),
    Object.entries(settings)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  )
  return settings['http.port']
}

/** Elasticsearch refuses to run as root; as root it runs as nobody, who owns only what it writes. */
const asServer = (directory, command, args) => {
  if (uid !== 0) return [command, args]
  execFileSync('chown', ['-R', 'nobody', ...['config', 'data', 'logs', 'tmp'].map(name => join(directory, name))])
  return ['setpriv', ['--reuid=nobody', '--clear-groups', command, ...args]]
}

/** Runs until nobody holds the server any more. What `start` spawns; it owns the server's process. */
const keep = async (version, directory) => {
  const { home, java } = install(version)
  const port = await prepare(directory, home)
  const password = randomBytes(12).toString('hex')
  const env = {
    PATH: process.env.PATH,
    HOME: join(directory, 'tmp'),
    ES_JAVA_HOME: java,
    ES_PATH_CONF: join(directory, 'config'),
    ES_TMPDIR: join(directory, 'tmp'),
    // One compiler: a server that lives for minutes takes 9 s of processor time to start then, not 14 (measured), and is as fast.
    ES_JAVA_OPTS: '-Xms512m -Xmx512m -XX:TieredStopAtLevel=1',
    CLI_JAVA_OPTS: '-Xmx64m',
  }
  const keystore = asServer(directory, join(home, 'bin/elasticsearch-keystore'), ['add', '-x', '-f', 'bootstrap.password'])
  execFileSync(...keystore, { env, input: password, stdio: ['pipe', 'ignore', 'pipe'] })
  const log = openSync(join(directory, 'logs/console'), 'a')
  const child = spawn(...asServer(directory, join(home, 'bin/elasticsearch'), []), { env, stdio: ['ignore', log, log] })
  let ended = false
  child.on('exit', () => {
    ended = true
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => {})

  const caFile = join(directory, 'certificates/ca.crt')
  const server = {
    url: `https://localhost:${port}`,
    user: 'elastic',
    password,
    caFile,
    version,
    keeper: process.pid,
    server: child.pid,
  }
  const deadline = Date.now() + startMs
  while (!ended && Date.now() < deadline && (await ask(server, '/_security/_authenticate')) !== 200) await pause(250)
  // The index of users and keys is made with the first of them; until then questions about privileges may fail.
  while (!ended && Date.now() < deadline && (await ask(server, '/_security/role/ready', 'PUT', '{}')) !== 200) await pause(250)
  writeFileSync(join(directory, 'server.json.new'), JSON.stringify(server), { mode: 0o600 })
  const isUp = !ended
  if (isUp) renameSync(join(directory, 'server.json.new'), join(directory, 'server.json'))

  let heldAt = Date.now()
  while (!ended) {
    for (const pid of readdirSync(join(directory, 'holders'))) {
      if (isAlive(Number(pid))) heldAt = Date.now()
      else rmSync(join(directory, 'holders', pid), { force: true })
    }
    if (Date.now() - heldAt > idleMs) child.kill('SIGTERM')
    await pause(1000)
  }
  if (!isUp) return
  // server.json goes last: once it is gone, another may begin here.
  for (const entry of readdirSync(directory).filter(entry => entry !== 'server.json'))
    rmSync(join(directory, entry), { recursive: true })
  rmSync(directory, { recursive: true })
  rmSync(`${directory}.log`, { force: true })
}

/** Under the lock: the running server, or a new one. */
const startLocked = async (version, holder, name) => {
  const directory = join(base, name)
  mkdirSync(base, { recursive: true, mode: 0o755 })
  const found = lstatSync(base)
  if (!found.isDirectory() || found.uid !== uid) throw new Error(`${base} belongs to somebody else; remove it`)
  chmodSync(base, 0o755)
  const hold = () => writeFileSync(join(directory, 'holders', String(holder)), '')
  const running = readServer(directory)
  if (running !== undefined) {
    if (isAlive(running.keeper) && (await ask(running, '/_security/_authenticate')) === 200) {
      hold()
      return running
    }
    await end(directory, running)
  }
  const log = join(base, `${name}.log`)
  const out = openSync(log, 'w')
  rmSync(join(directory, 'server.json'), { force: true })
  const keeper = spawn(process.execPath, [me, 'keep', version, name], { detached: true, stdio: ['ignore', out, out] })
  keeper.unref()
  let ended = false
  keeper.on('exit', () => {
    ended = true
  })
  const deadline = Date.now() + startMs + 600_000
  for (;;) {
    const server = readServer(directory)
    if (server !== undefined) {
      hold()
      return server
    }
    if (ended || Date.now() > deadline) {
      const console = join(directory, 'logs/console')
      const tail = [log, console].map(file => (existsSync(file) ? readFileSync(file, 'utf8').slice(-3000) : ''))
      throw new Error(`Elasticsearch ${version} did not start:\n${tail.join('\n')}`)
    }
    await pause(100)
  }
}

const end = async (directory, server) => {
  // The keeper passes the signal on; where it was killed, the server is ended itself, if the number is still its own.
  if (isAlive(server.keeper) && readFileSync(`/proc/${server.keeper}/cmdline`, 'utf8').includes(me))
    process.kill(server.keeper, 'SIGTERM')
  else if (isAlive(server.server) && readFileSync(`/proc/${server.server}/environ`, 'utf8').includes(directory))
    process.kill(server.server, 'SIGTERM')
  const deadline = Date.now() + 60_000
  while ((isAlive(server.server) || isAlive(server.keeper)) && Date.now() < deadline) await pause(100)
  rmSync(join(directory, 'server.json'), { force: true })
}

const [command, version, pid, name = version] = process.argv.slice(2)
if (command === 'start') {
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  // The kernel lets go of this lock whatever becomes of its holder; -o keeps it from the server's processes.
  const args = [
    '-o',
    join(cache, `${version}.lock`),
    process.execPath,
    me,
    'start-locked',
    version,
    pid ?? String(process.ppid),
    name,
  ]
  const waiting = spawn('flock', args, { stdio: 'inherit' })
  waiting.on('exit', code => process.exit(code ?? 1))
} else if (command === 'start-locked') {
  try {
    const { url, user, password, caFile } = await startLocked(version, pid, name)
    console.log(JSON.stringify({ url, user, password, caFile, version }))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
} else if (command === 'keep') {
  await keep(version, join(base, pid))
} else if (command === 'stop') {
  const names = version !== undefined ? [version] : existsSync(base) ? readdirSync(base) : []
  for (const each of names) {
    const server = readServer(join(base, each))
    if (server !== undefined) await end(join(base, each), server)
  }
} else {
  console.error('usage: server.mjs start VERSION [PID] [NAME] | stop [NAME]')
  process.exitCode = 2
}
