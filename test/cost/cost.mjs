// `npm run cost`: what an event costs on its way from the file into a batch, in bytes that V8 allocates, which do not depend on
// time, beside those of baseline.json. Ends with 1 where that is beyond the margin.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBuild } from '../bench/program.mjs'
import { compare } from './compare.mjs'
import { countBytes } from './counts.mjs'

const file = join(import.meta.dirname, 'baseline.json')
const help = `npm run cost -- [--accept WHY]

  --accept WHY  the counts of now become the baseline of this version of Node; WHY, a sentence, is kept with them
`
const { values } = parseArgs({ options: { accept: { type: 'string' }, help: { type: 'boolean', default: false } } })
if (values.help || values.accept?.trim() === '') {
  process.stderr.write(help)
  process.exit(values.help ? 0 : 64)
}
const say = text => process.stdout.write(`${text}\n`)
const warning = checkBuild()
if (warning !== undefined) say(`! ${warning}`)

const bytes = await countBytes()
const baselines = JSON.parse(readFileSync(file, 'utf8'))
// Each V8 has its own way to make the same things.
const version = `node ${process.versions.node.split('.')[0]}`
const baseline = baselines[version]
const { rows, worse, better } = compare(baseline?.bytes, bytes)

const table = [['bytes allocated for an event', 'now', 'baseline', 'change'], ...rows]
const widths = table[0].map((_, column) => Math.max(...table.map(row => row[column].length)))
for (const [name, ...cells] of table)
  say([name.padEnd(widths[0]), ...cells.map((cell, i) => cell.padStart(widths[i + 1]))].join('  ').trimEnd())

if (values.accept !== undefined) {
  baselines[version] = { why: values.accept, node: process.versions.node, bytes }
  writeFileSync(file, `${JSON.stringify(baselines, undefined, 2)}\n`)
  say(`accepted for ${version}`)
} else if (baseline === undefined) {
  say(`! there is no baseline for ${version}: nothing was judged. \`npm run cost -- --accept WHY\` writes one`)
} else {
  for (const sentence of better) say(`Less than before, which --accept keeps: ${sentence}.`)
  for (const sentence of worse) say(`Costs more than it may: ${sentence}.`)
  if (worse.length > 0) {
    say('Find out what costs that, or say why it is worth it: npm run cost -- --accept WHY')
    process.exitCode = 1
  }
}
