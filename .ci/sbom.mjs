// `npm run --silent sbom`: what is in a release, as CycloneDX 1.5. Made from the lock file and deploy/deb/runtime.json alone, so that two
// runs give the same bytes. npm's own `npm sbom --omit dev` is no help: it leaves out what a development tool needs too.
import { createHash } from 'node:crypto'
import { lock, packages, project, runtime } from './production.mjs'

const purlOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`
const hashesOf = integrity => [
  { alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') },
]
const component = ({ name, version, license, integrity, isOptional = false, description }) => ({
  type: 'library',
  'bom-ref': purlOf(name, version),
  name,
  version,
  ...(description && { description }),
  scope: isOptional ? 'optional' : 'required',
  hashes: hashesOf(integrity),
  licenses: [{ license: { id: license } }],
  purl: purlOf(name, version),
})

// The same version in two places is one component.
const components = new Map(packages.map(each => [purlOf(each.name, each.version), component(each)]))
const runtimes = ['amd64', 'arm64'].map(arch => {
  const { package: name, integrity } = runtime[arch]
  const description = `Node.js, in the Debian package for ${arch}`
  return {
    ...component({ name, version: runtime.version, license: 'MIT', integrity, isOptional: true, description }),
    type: 'platform',
  }
})

/** Where Node finds `name` from the package at `path`. */
function resolve(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (lock.packages[found] !== undefined) return found
    if (at === '') return undefined
  }
}

const refOf = path => packages.filter(each => each.path === path).map(({ name, version }) => purlOf(name, version))
const dependsOn = path => {
  const { dependencies = {}, optionalDependencies = {} } = lock.packages[path]
  const names = Object.keys({ ...dependencies, ...optionalDependencies })
  return [...new Set(names.flatMap(name => refOf(resolve(path, name))))].sort()
}

const root = purlOf(project.name, project.version)
const edges = new Map([[root, dependsOn('')]])
for (const { path, name, version } of packages) {
  const ref = purlOf(name, version)
  edges.set(ref, [...new Set([...(edges.get(ref) ?? []), ...dependsOn(path)])].sort())
}

const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: {
      type: 'application',
      'bom-ref': root,
      name: project.name,
      version: project.version,
      description: project.description,
      licenses: [{ license: { id: project.license } }],
      purl: root,
    },
  },
  components: [...components.values(), ...runtimes],
  dependencies: [...edges].map(([ref, dependsOn]) => ({ ref, dependsOn })),
}
// A serial number is a UUID, here of the contents (version 8: made by a rule of one's own).
const digest = createHash('sha256').update(JSON.stringify(bom)).digest('hex')
const uuid = [
  digest.slice(0, 8),
  digest.slice(8, 12),
  `8${digest.slice(13, 16)}`,
  `8${digest.slice(17, 20)}`,
  digest.slice(20, 32),
]
process.stdout.write(`${JSON.stringify({ ...bom, serialNumber: `urn:uuid:${uuid.join('-')}` }, null, 2)}\n`)
