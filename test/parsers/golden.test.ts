import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { parsers } from '../../parsers/_index.js'
import { allPairs, configFile, eventsOf, logs, pairsOf, textOf, timezone } from '../support/golden.js'

const root = join(import.meta.dirname, '../..')
const kinds = ['normal', 'rare', 'truncated', 'hostile', 'non-ascii']

t.test('every parser has golden pairs, of every kind', async t => {
  t.strictSame([...parsers.keys()].toSorted(), logs.toSorted())
  for (const log of logs) {
    const names = pairsOf(log).map(({ name }) => name)
    t.strictSame(
      kinds.filter(kind => !names.includes(kind) && !names.includes(`mailman3-${kind}`)),
      [],
      `${log} has ${kinds.join(', ')}`,
    )
  }
})

t.test('documents are byte for byte the expected ones', async t => {
  for (const pair of allPairs())
    t.strictSame(
      eventsOf(pair).map(textOf),
      pair.expected.map(document => JSON.stringify(document)),
      `${pair.log}/${pair.name}`,
    )
})

t.test('every line is in exactly one event', async t => {
  for (const { log, name, input, expected } of allPairs()) {
    const lines = input.toString('latin1').split('\n').length - (input.at(-1) === 10 ? 1 : 0)
    const inMessages = expected.reduce((sum, { message }) => sum + (message as string).split('\n').length, 0)
    t.equal(inMessages, lines, `${log}/${name}`)
  }
})

t.test('the command prints the same', async t => {
  const [pair] = pairsOf('vette').filter(({ name }) => name === 'localised')
  const options = ['parse', '--config', configFile, '--log', 'vette', '--timezone', timezone]
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/src/main.js'), ...options], {
    input: pair!.input,
  })
  t.equal(status, 0, stderr.toString())
  t.equal(stdout.toString('utf8'), pair!.expected.map(document => `${JSON.stringify(document)}\n`).join(''))
})
