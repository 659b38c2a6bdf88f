/** `parse` as it is typed: several files, names that are no log's, standard input, and what it refuses. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { runProgram } from '../support/agent-process.js'
import { numberedLine } from '../support/log-story.js'

const parse = (...args: string[]): ReturnType<typeof runProgram> =>
  runProgram(['parse', '--timezone', 'UTC', ...args], { input: numberedLine(9) })
const documents = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

t.test('several files, in their order', async t => {
  const directory = t.testdir({ vette: numberedLine(1), post: numberedLine(2) })
  const { code, stdout } = await parse(join(directory, 'vette'), join(directory, 'post'))
  t.equal(code, 0)
  t.match(documents(stdout), [{ event: { dataset: 'mailman.vette' } }, { event: { dataset: 'mailman.post' } }])
})

t.test('the same line has the same id, whatever rotation made of its file', async t => {
  const directory = t.testdir({ 'site.log': numberedLine(1), 'site.log.1': numberedLine(1), 'site-20261122': numberedLine(1) })
  writeFileSync(join(directory, 'site.log.2.gz'), gzipSync(numberedLine(1)))
  const names = ['site.log', 'site.log.1', 'site-20261122', 'site.log.2.gz']
  const { stdout } = await parse(...names.map(name => join(directory, name)))
  const events = documents(stdout).map(({ event }) => event as { id: string; dataset: string })
  t.equal(events.length, 4)
  t.equal(new Set(events.map(({ id }) => id)).size, 1)
  t.same(new Set(events.map(({ dataset }) => dataset)), new Set(['mailman.site']))
})

t.test('standard input', async t => {
  t.match(documents((await parse('--log', 'vette')).stdout), [{ event: { action: 'message-held' } }])
  for (const args of [
    [],
    ['-'],
    ['--log', ''],
    ['--log'],
    ['--log', 'a', '--log', 'b'],
    ['--zone', 'UTC'],
    ['--timezone', 'Mars'],
  ]) {
    const { code, stdout, stderr } = await parse(...args)
    t.match({ code, stdout }, { code: 2, stdout: '' }, args.join(' '))
    t.notMatch(stderr, /\n {4}at /, 'a sentence, not a stack')
  }
})
