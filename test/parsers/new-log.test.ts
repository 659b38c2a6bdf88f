/** A new log is one file in parsers/: it is found, parsed and followed with nothing else to edit. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('one file more', async t => {
  const copy = t.testdir({})
  for (const name of ['dist', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  writeFileSync(
    join(copy, 'dist/parsers/greetings.js'),
    `import { defineParser } from './_contract.js'
import { pattern } from './_template.js'
export default defineParser([pattern('message-posted', 'hello {list}')])
`,
  )
  mkdirSync(join(copy, 'logs'))
  writeFileSync(join(copy, 'logs/greetings'), 'Dec 31 23:59:25 2025 (1) hello dev\n')
  const config = { logs: { directories: [join(copy, 'logs')] }, state: { directory: join(copy, 'state') }, ndjson: {} }
  writeFileSync(join(copy, 'config.yaml'), JSON.stringify(config))
  for (const command of [
    ['parse', join(copy, 'logs/greetings')],
    ['run', '--once'],
  ]) {
    const options = [join(copy, 'dist/src/main.js'), ...command, '--config', join(copy, 'config.yaml')]
    const { status, stdout, stderr } = spawnSync(process.execPath, options)
    t.equal(status, 0, stderr.toString())
    t.match(JSON.parse(stdout.toString()), {
      event: { action: 'message-posted', dataset: 'mailman.greetings' },
      mailman: { list: { name: 'dev' } },
    })
  }
})
