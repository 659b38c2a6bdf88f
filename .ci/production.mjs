// What is shipped besides our own code: the packages that package-lock.json has for production, and the runtime of the Debian package.
import { readFileSync } from 'node:fs'

const read = path => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))

export const project = read('package.json')
export const lock = read('package-lock.json')

/** `{version, amd64: {package, integrity}, arm64: …}` */
export const runtime = read('deploy/deb/runtime.json')

const nameOf = path => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Where each is in node_modules, if it is installed: optional ones are where the machine is theirs. */
export const packages = Object.entries(lock.packages)
  .filter(([path, { dev }]) => path !== '' && !dev)
  .map(([path, { version, license, integrity, optional = false }]) => ({
    path,
    name: nameOf(path),
    version,
    license,
    integrity,
    isOptional: optional,
  }))
