/** What is shipped besides our own code: all of it is in the SBOM, and under a licence that we may pass on, with its text. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

interface Part {
  path: string
  name: string
  version: string
  license: string
  integrity: string
  isOptional: boolean
}
interface Component {
  type: string
  'bom-ref': string
  name: string
  version: string
  purl: string
  scope: string
  hashes: { alg: string; content: string }[]
  licenses: { license: { id: string } }[]
}
interface Bom {
  bomFormat: string
  specVersion: string
  serialNumber: string
  version: number
  metadata: { component: Component }
  components: Component[]
  dependencies: { ref: string; dependsOn: string[] }[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const load = (name: string) => import(new URL(`../../.ci/${name}`, import.meta.url).href)
const { packages: parts }: { packages: Part[] } = await load('production.mjs')
const { allowed, notices }: { allowed: Set<string>; notices: (base: string) => string } = await load('notices.mjs')
const runtime = JSON.parse(readFileSync(join(root, 'deploy/deb/runtime.json'), 'utf8'))

t.test('the SBOM', async t => {
  const text = execFileSync(process.execPath, [join(root, '.ci/sbom.mjs')], { cwd: '/', encoding: 'utf8' })
  t.equal(execFileSync(process.execPath, [join(root, '.ci/sbom.mjs')], { encoding: 'utf8' }), text, 'two runs, the same bytes')
  const bom: Bom = JSON.parse(text)
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.match(bom, { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 })
  t.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u)
  t.match(bom.metadata.component, { type: 'application', name: manifest.name, version: manifest.version })

  // Read from the lock file once more and in another way, so that nothing is left out in both.
  const lock: Record<string, { version: string; dev?: true; integrity: string }> = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  ).packages
  const wanted = Object.entries(lock)
    .filter(([path, { dev }]) => path && !dev)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)
  const runtimes = ['amd64', 'arm64'].map(arch => `${runtime[arch].package}@${runtime.version}`)
  t.strictSame(
    bom.components.map(({ name, version }) => `${name}@${version}`).sort(),
    [...new Set([...wanted, ...runtimes])].sort(),
    'every production package of the lock file, the runtimes, nothing else',
  )
  for (const name of Object.keys(manifest.dependencies))
    t.ok(
      bom.dependencies[0]?.dependsOn.some(ref => ref.includes(name.replace('@', '%40'))),
      name,
    )

  const refs = new Set(bom.components.map(component => component['bom-ref']))
  t.equal(refs.size, bom.components.length, 'references are unique')
  for (const { ref, dependsOn } of bom.dependencies)
    t.ok(
      [...dependsOn, ref].every(each => refs.has(each) || each === bom.metadata.component['bom-ref']),
      `${ref}: all are there`,
    )
  const byIntegrity = new Map(Object.values(lock).map(({ integrity }) => [integrity, true]))
  for (const arch of ['amd64', 'arm64']) byIntegrity.set(runtime[arch].integrity, true)
  for (const { name, type, purl, scope, hashes, licenses } of bom.components) {
    t.match(
      { type, purl, scope },
      { type: /^(?:library|platform)$/u, purl: /^pkg:npm\/.+@\d/u, scope: /^(?:required|optional)$/u },
      name,
    )
    t.match(hashes[0], { alg: 'SHA-512', content: /^[0-9a-f]{128}$/u })
    t.ok(
      byIntegrity.has(`sha512-${Buffer.from(hashes[0]!.content, 'hex').toString('base64')}`),
      `${name}: the bytes that are pinned`,
    )
    t.ok(allowed.has(licenses[0]!.license.id), `${name}: ${licenses[0]?.license.id}`)
  }
})

t.test('licences', async t => {
  for (const { name, license } of parts) t.ok(allowed.has(license), `${name}: ${license}`)
  for (const { path, name, license } of parts.filter(({ path }) => existsSync(join(root, path)))) {
    const own = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    t.equal(own.license, license, `${name} says itself what the lock file says`)
  }
  const text = notices(root)
  for (const { name, version } of parts.filter(({ path }) => existsSync(join(root, path))))
    t.match(text, `\n${name} ${version} (`, `${name} is named`)
  t.ok(
    (text.match(/Permission is hereby granted|Apache License|Permission to use, copy|Redistribution and use/gu)?.length ?? 0) >
      20,
  )
})

t.test('a licence that nobody has looked at is refused', async t => {
  allowed.delete('0BSD')
  t.teardown(() => allowed.add('0BSD'))
  t.throws(() => notices(root), { message: /^tslib is under 0BSD, which nobody has looked at/u })
})
