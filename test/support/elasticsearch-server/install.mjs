/**
 * Puts the Elasticsearch that Elastic publishes on Maven Central for integration tests into a cache of this user, with the
 * plugin beside this file. It is the real core server with TLS, users, roles and API keys; it lacks the optional modules
 * (Kibana's needs, ILM, ES|QL, ingest processors, `_data_stream`).
 *
 * Callers hold the lock of server.mjs. Missing tools are installed by apt where that is possible, else named.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { needPackages } from '../apt.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const isRoot = process.getuid() === 0

/** Readable by others where root made it, because Elasticsearch does not run as root. */
export const cache = join(
  isRoot ? '/var/cache' : (process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')),
  'mailman-shipper-elasticsearch',
)

const run = (command, args, options = {}) =>
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 26, ...options })

const has = command => {
  try {
    run('sh', ['-c', `command -v ${command}`])
    return true
  } catch {
    return false
  }
}

/** The home of a JDK that this version runs on: 9 takes 21 and newer, 8.19 takes 17 to 23 (it needs the security manager). */
const findJava = major => {
  const fits = version => (major >= 9 ? version >= 21 : version >= 17 && version <= 23)
  const under = '/usr/lib/jvm'
  const homes = [
    process.env.ES_JAVA_HOME,
    process.env.JAVA_HOME,
    ...(existsSync(under) ? readdirSync(under).map(name => join(under, name)) : []),
  ]
  for (const home of homes) {
    if (home === undefined || !existsSync(join(home, 'bin/javac'))) continue
    const told = execFileSync(join(home, 'bin/javac'), ['-version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    if (fits(Number(/javac (\d+)/.exec(told)?.[1]))) return home
  }
  return undefined
}

const needJava = major => {
  const found = findJava(major)
  if (found !== undefined) return found
  const wanted =
    major >= 9 ? ['openjdk-25-jdk-headless', 'openjdk-21-jdk-headless'] : ['openjdk-17-jdk-headless', 'openjdk-21-jdk-headless']
  for (const name of wanted) {
    try {
      needPackages('The test server', name)
    } catch (error) {
      if (!isRoot) throw error
    }
    const home = findJava(major)
    if (home !== undefined) return home
  }
  throw new Error(`No JDK for Elasticsearch ${major}: install one of ${wanted.join(', ')}, or set ES_JAVA_HOME to a JDK.`)
}

/** @returns the server's directory and the JDK to run it with. */
export const install = version => {
  const major = Number(version.split('.')[0])
  const missing = [has('mvn') ? '' : 'maven', has('openssl') ? '' : 'openssl'].filter(name => name !== '')
  if (missing.length > 0) needPackages('The test server', ...missing)
  const java = needJava(major)
  const home = join(cache, `elasticsearch-${version}`)
  if (existsSync(join(home, 'ready'))) return { home, java }

  mkdirSync(cache, { recursive: true, mode: 0o755 })
  rmSync(home, { recursive: true, force: true })
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy'
  const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`
  run('mvn', ['-q', '-B', copy, `-Dartifact=${artifact}`, `-DoutputDirectory=${cache}`])
  run(join(java, 'bin/jar'), ['xf', `elasticsearch-${version}.zip`], { cwd: cache })
  rmSync(join(cache, `elasticsearch-${version}.zip`))
  for (const name of readdirSync(join(home, 'bin'))) chmodSync(join(home, 'bin', name), 0o755)
  addPlugin(home, java, version, major)
  run('chmod', ['-R', 'a+rX', home])
  writeFileSync(join(home, 'ready'), '')
  return { home, java }
}

const addPlugin = (home, java, version, major) => {
  const classes = mkdtempSync(join(cache, 'classes-'))
  const sources = ['Gaps.java', `Gaps${major}.java`].map(name => join(here, 'plugin', name))
  run(join(java, 'bin/javac'), ['--release', major >= 9 ? '21' : '17', '-cp', join(home, 'lib/*'), '-d', classes, ...sources])
  const folder = join(home, 'plugins/gaps')
  mkdirSync(folder, { recursive: true })
  run(join(java, 'bin/jar'), ['cf', join(folder, 'gaps.jar'), '-C', classes, '.'])
  rmSync(classes, { recursive: true })
  const descriptor = {
    name: 'gaps',
    description: 'What the integration test server lacks for security',
    version: '1',
    'elasticsearch.version': version,
    'java.version': '17',
    classname: `mailmanshipper.gaps.Gaps${major}`,
  }
  const text = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(join(folder, 'plugin-descriptor.properties'), text.join(''))
}
