// `npm run docs` writes what is made from the code: the vocabulary in README.md and docs/coverage.md; with `--check`, says whether
// they are as they should be. Needs the program built.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = path => import(join(root, 'dist', path))
const { actions } = await built('parsers/_actions.js')
const { holdReasons } = await built('parsers/_hold-reasons.js')
const { parsers } = await built('parsers/_index.js')
const { loadConfig } = await built('src/config/load.js')
const { createSources } = await built('src/events/source.js')
const { EventAssembler } = await built('src/events/assemble.js')
const { contextOf } = await built('src/events/context.js')
const { mailmanOf } = await built('src/files/mailman.js')

/** Text in a cell of a table. */
const cell = text =>
  text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', '⏎').replaceAll('\t', '⇥')
/** The same as code. */
const code = text => `\`${text.replaceAll('|', '\\|').replaceAll('\n', '⏎').replaceAll('\t', '⇥')}\``
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

function vocabulary() {
  const known = Object.entries(actions).map(([name, { meaning, module, advice }]) =>
    [code(name), meaning, module, advice].map((text, i) => (i === 0 ? text : cell(text))),
  )
  const reasons = Object.entries(holdReasons).map(([slug, { meaning, module, advice }]) => [
    code(slug),
    ...[meaning, module, advice].map(cell),
  ])
  return [
    table(['`event.action`', 'what happened', 'logged by (2.1; 3)', 'what to do'], known),
    table(['`mailman.hold.reason`', 'why', 'made by (2.1; 3)', 'what to do'], reasons),
  ]
}

/** Every first line of the real samples. */
function realLines(directory = join(root, 'test/samples')) {
  return new Set(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name !== 'README.md')
      .flatMap(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1').split('\n')),
  )
}

/** Template → the golden pairs with an event of it, and whether its line is a real one. */
async function proofs() {
  const real = realLines()
  const found = new Map()
  const folder = join(root, 'test/parsers')
  const config = await loadConfig(join(folder, 'golden.yaml'))
  const sourceOf = createSources(config, Date.now)
  for (const log of parsers.keys()) {
    for (const file of readdirSync(join(folder, log))
      .filter(name => name.endsWith('.log'))
      .sort()) {
      const bytes = readFileSync(join(folder, log, file), 'latin1')
      const lines = bytes.split('\n')
      const name = file.slice(0, -4)
      const source = sourceOf(log, name.startsWith('mailman3') ? '3' : mailmanOf(log, log, lines[0]))
      const assembler = new EventAssembler(source, {
        path: '-',
        firstLine: lines[0],
        offset: 0,
        context: contextOf(undefined),
        cuts: [],
      })
      const events = []
      let start = 0
      for (const text of lines.at(-1) === '' ? lines.slice(0, -1) : lines) {
        assembler.push({ text, start, end: start + text.length + 1 }, events)
        start += text.length + 1
      }
      assembler.flush(events)
      for (const { pattern, offset } of events) {
        if (pattern === undefined) continue
        const isReal = real.has(bytes.slice(offset, bytes.indexOf('\n', offset) + 1 || undefined).replace(/\n$/, ''))
        const key = `${pattern.action} ${pattern.template}`
        const proof = found.get(key) ?? { pairs: new Set(), real: new Set() }
        proof.pairs.add(`${log}/${name}`)
        if (isReal) proof.real.add(`${log}/${name}`)
        found.set(key, proof)
      }
    }
  }
  return found
}

async function coverage() {
  const found = await proofs()
  const sections = []
  let [templates, unproven, made] = [0, 0, 0]
  const seen = new Set()
  // mailman.log shares most of its templates with the other logs: those are listed there.
  const logs = [...parsers.keys()].sort((a, b) => (a === 'mailman') - (b === 'mailman') || (a < b ? -1 : 1))
  for (const log of logs) {
    const rows = []
    for (const { action, template } of parsers.get(log).patterns) {
      const key = `${action} ${template}`
      if (seen.has(key)) continue
      seen.add(key)
      templates++
      const proof = found.get(key)
      if (proof === undefined) unproven++
      else if (proof.real.size === 0) made++
      const pairs = proof === undefined ? ['**none**'] : [...(proof.real.size > 0 ? proof.real : proof.pairs)].slice(0, 2)
      rows.push([
        code(template),
        code(action),
        pairs.join(', '),
        proof === undefined ? '' : proof.real.size > 0 ? 'real' : 'made',
      ])
    }
    if (rows.length > 0)
      sections.push(`## ${log}\n\n${table(['template', '`event.action`', 'proved by test/parsers/', 'line'], rows)}`)
  }
  return {
    unproven,
    text: `# Coverage

Every message template that the parsers know, with a golden pair that proves it. *real*: the line was written by a real Mailman
(test/samples). *made*: no sample has one; the line was made by hand from Mailman's own format string. A hole \`{…}\` stands for
what Mailman puts in (parsers/_holes-….ts says into which fields); ⏎ and ⇥ are a line break and a tab. Written by \`npm run docs\`.

${templates} templates: ${templates - made - unproven} with a real line, ${made} with a made one, ${unproven} without a proof.

${sections.join('\n\n')}
`,
  }
}

/** The text with what stands between the marks replaced. */
function between(text, name, inside) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin}`)
  return `${text.slice(0, from + begin.length)}\n\n${inside}\n\n${text.slice(to)}`
}

const readmeFile = join(root, 'README.md')
const coverageFile = join(root, 'docs/coverage.md')
const readme = readFileSync(readmeFile, 'utf8')
const [actionTable, reasonTable] = vocabulary()
const newReadme = between(between(readme, 'actions', actionTable), 'hold reasons', reasonTable)
const { text: newCoverage, unproven } = await coverage()
if (process.argv.includes('--check')) {
  const stale = [
    [readmeFile, newReadme, readme],
    [coverageFile, newCoverage, readFileSync(coverageFile, 'utf8')],
  ].filter(([, should, is]) => should !== is)
  for (const [file] of stale) console.error(`${file} is not what the code says: npm run docs`)
  if (unproven > 0) console.error(`${unproven} templates have no golden document: see docs/coverage.md`)
  process.exitCode = stale.length + unproven > 0 ? 1 : 0
} else {
  writeFileSync(readmeFile, newReadme)
  writeFileSync(coverageFile, newCoverage)
}
