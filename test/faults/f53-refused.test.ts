/**
 * F53: a document that the server refuses is set aside with the reason, and the others go on; when the cause is mended,
 * `set-aside retry` stores each of them once, beside a running agent too, and killed at any moment it loses none (F37).
 * For real: Elasticsearch with an index whose mapping does not fit.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import t from 'tap'
import { program } from '../support/agent-process.js'
import { makeRefusals } from '../support/refusals.js'
import { until } from '../support/until.js'

t.setTimeout(240_000)

t.test('refused, seen, mended, sent again: beside a running agent', async t => {
  const refusals = await makeRefusals(t)
  const { story, file } = refusals
  story.write(200)
  story.start()
  await refusals.setsAside(200)
  story.append(story.lines(20), 'post') // its own stream, which takes them
  await until(
    () => story.status()?.counts.stored === 20,
    () => `20 stored beside them: ${JSON.stringify(story.status()?.counts)}`,
  )
  t.equal(statSync(file).mode & 0o777, 0o600, 'F71: for the agent alone')
  t.match(story.troubles[0], { level: 'error', msg: 'documents were refused and set aside' }, 'P6: told')
  t.notMatch(JSON.stringify(story.agent.log), /a@example\.org|moderated/, 'never the document')

  const status = await refusals.command('status')
  t.equal(status.code, 0, 'the agent is not held up')
  t.match(status.stdout, /\n {2}200 documents set aside \(\d+ kB\), because a value does not fit the type of its field/)
  t.match(status.stdout, /mailman-shipper set-aside list; then: mailman-shipper set-aside retry/)

  const list = await refusals.command('set-aside', 'list', '--limit', '3')
  t.equal(list.code, 0)
  t.match(list.stdout, /^200 documents set aside in .*set-aside\.ndjson/)
  t.match(list.stdout, / 200 {2}a value does not fit the type of its field: mailman\.hold\.reason_text \(400 document_parsing_/)
  t.match(list.stdout, /\n\d{4}-\S+Z {2}vette {2}\S+\/logs\/vette at byte \d+ {2}[\w-]{20,}\n/)
  t.match(list.stdout, /The newest 3 of 200/)
  t.notMatch(list.stdout, /a@example\.org|moderated/, 'never the document unasked')

  const vain = await refusals.command('set-aside', 'retry')
  t.match(vain, { code: 1, stdout: /^0 documents stored, 200 refused again; 200 documents still set aside\./ })
  t.equal((await refusals.setAside()).length, 200, 'they stay')

  await refusals.mend()
  const retry = await refusals.command('set-aside', 'retry', '--json')
  t.equal(retry.code, 0, retry.stderr)
  t.same(JSON.parse(retry.stdout), { stored: 200, duplicates: 0, refused: 0, left: 0 })
  t.notOk(existsSync(file), 'nothing is left')
  t.match((await refusals.command('set-aside', 'list')).stdout, /^Nothing is set aside\.\n$/)
  story.write(50)
  await refusals.storesExactly()
  await story.stop()
})

t.test('the agent sets aside while a retry replaces the file: none is lost between them', async t => {
  const refusals = await makeRefusals(t)
  const { story } = refusals
  story.write(50)
  story.start()
  await refusals.setsAside(50)
  let isRetrying = true
  const writing = (async () => {
    // Small batches all the time, so that adding meets replacing.
    while (isRetrying) {
      story.write(5)
      const { next } = story
      await until(
        async () => (await refusals.setAside()).length >= next,
        () => `${next} set aside; there are ${story.status()?.counts.setAside}`,
      )
    }
  })()
  for (let i = 0; i < 2; i++) t.equal((await refusals.command('set-aside', 'retry')).code, 1)
  isRetrying = false
  await writing
  t.same(
    (await refusals.setAside()).sort((a, b) => a - b),
    Array.from({ length: story.next }, (_, number) => number),
    'all are there, each once',
  )
  await refusals.mend()
  const { code, stdout } = await refusals.command('set-aside', 'retry')
  t.equal(code, 0, stdout)
  await refusals.storesExactly()
  await story.stop()
})

t.test('kill -9 of a retry: whatever was sent is sent again under the same ids', async t => {
  const refusals = await makeRefusals(t, { allowLookup: true })
  const { story, file } = refusals
  story.write(3_000)
  story.agent.args.push('--once')
  story.start()
  await story.ends(0)
  await refusals.setsAside(3_000)
  await refusals.mend()
  const args = [program, 'set-aside', 'retry', '--config', story.configFile]

  // After all was sent, right before the file goes. (At other moments: test/commands/set-aside.test.ts.)
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=unlink', '-P', file, '-e', 'inject=unlink:signal=SIGKILL:when=1']
  const traced = spawn('env', ['-u', 'NODE_OPTIONS', 'strace', ...strace, process.execPath, ...args], { stdio: 'ignore' })
  const [, signal] = await once(traced, 'exit')
  t.equal(signal, 'SIGKILL')
  t.equal((await refusals.setAside()).length, 3_000, 'the file is as it was')
  await refusals.storesExactly()

  await refusals.rollOver() // F59
  const last = await refusals.command('set-aside', 'retry', '--json')
  t.equal(last.code, 0, last.stderr)
  t.same(JSON.parse(last.stdout), { stored: 0, duplicates: 3_000, refused: 0, left: 0 })
  t.same(
    readdirSync(story.state).filter(name => name.startsWith('set-aside')),
    [],
    'nothing is left',
  )
  await refusals.storesExactly()
})
