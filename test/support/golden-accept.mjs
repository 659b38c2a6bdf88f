// `npm run golden -- --accept LOG…`: what `parse` prints today becomes what the tests expect. Read the difference before you
// commit it. The logs are excerpts of what real Mailmans wrote; only where no such line was at hand (hostile replies, some
// non-ASCII text) is one made from a real one.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const here = join(import.meta.dirname, '../parsers')
const main = join(here, '../../dist/src/main.js')
const { values, positionals } = parseArgs({ options: { accept: { type: 'boolean' } }, allowPositionals: true })
const logs = readdirSync(here, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
if (!values.accept || positionals.length === 0 || positionals.some(log => !logs.includes(log))) {
  console.error(`usage: npm run golden -- --accept LOG…   LOG is one of ${logs.join(' ')}`)
  process.exit(64)
}

for (const log of positionals) {
  for (const name of readdirSync(join(here, log)).filter(name => name.endsWith('.log'))) {
    const config = name.startsWith('mailman3') ? 'golden-mailman3.yaml' : 'golden.yaml'
    const options = ['--config', join(here, config), '--log', log, '--timezone', 'Europe/Berlin']
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'parse', ...options], {
      input: readFileSync(join(here, log, name)),
      maxBuffer: 1 << 28,
    })
    if (status !== 0) throw new Error(`parse of ${log}/${name} failed: ${stderr}`)
    const documents = stdout.toString().split('\n').slice(0, -1).map(JSON.parse)
    writeFileSync(join(here, log, name.replace(/\.log$/, '.expected.json')), `${JSON.stringify(documents, null, 2)}\n`)
    console.log(`${log}/${name}: ${documents.length} events`)
  }
}
