// The licences of what a package carries besides our own code, as text: most demand that it goes along. For the Debian package's
// `copyright`; npm's package carries nobody else's code.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages } from './production.mjs'

/** What may be shipped. Each lets anybody use, change and pass on; none asks for our source. */
export const allowed = new Set(['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'])

/** The parts of libsql for one machine each come without the text that libsql itself has. */
const wholeOf = name => (name.startsWith('@libsql/') ? 'node_modules/libsql' : undefined)

const isNotice = name => /^(?:licen[cs]e|copying|notice)/i.test(name)

/** The texts that came with what lies at `directory`. */
const textsOf = directory =>
  readdirSync(directory)
    .filter(isNotice)
    .sort()
    .map(name => readFileSync(join(directory, name), 'utf8').trim())
    .join('\n\n')

/**
 * @param base what node_modules lies in; only what is installed there is named
 * @throws where a package has no text, or a licence that is not allowed
 */
export function notices(base) {
  const whose = new Map()
  for (const { path, name, version, license } of packages.filter(({ path }) => existsSync(join(base, path)))) {
    if (!allowed.has(license)) throw new Error(`${name} is under ${license}, which nobody has looked at: see .ci/notices.mjs`)
    const text = textsOf(join(base, path)) || textsOf(join(base, wholeOf(name) ?? path))
    if (text === '') throw new Error(`${name} comes without the text of its licence, ${license}`)
    whose.set(text, [...(whose.get(text) ?? []), `${name} ${version} (${license})`])
  }
  return [...whose].map(([text, names]) => `${'-'.repeat(78)}\n${names.join('\n')}\n\n${text}\n`).join('\n')
}
