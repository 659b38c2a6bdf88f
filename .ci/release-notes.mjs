// `node .ci/release-notes.mjs VERSION`: the text of a release, from CHANGELOG.md, with the runtime that the Debian package carries: who
// waits for a fix of Node.js looks for its version here.
import { readFileSync } from 'node:fs'
import { project, runtime } from './production.mjs'

const version = process.argv[2]
const fail = message => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
if (version !== project.version) fail(`The tag says ${version}, package.json ${project.version}.`)

const text = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8')
const section = text.split(/^## /m).find(part => part.startsWith(`[${version}]`))
if (section === undefined) fail(`CHANGELOG.md has no section ## [${version}]: give [Unreleased] that name, and the day.`)

process.stdout.write(`${section.slice(section.indexOf('\n')).trim()}

### What is in it

The full Debian package carries Node.js ${runtime.version}; the slim one and npm's use the host's.
\`sha256sum -c SHA256SUMS\` says whether a download is whole, \`gh attestation verify FILE --repo REPOSITORY\` that this repository's
workflow built it. \`mailman-shipper.cdx.json\` lists every part and its version.
`)
