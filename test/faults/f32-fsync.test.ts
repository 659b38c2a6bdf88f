/**
 * F32: fsync fails. The kernel may have dropped the pages and say yes to a second try, so that file is given up: never synced
 * again, never renamed; a new one is written. Shown by the system calls of the real agent.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CheckpointStore } from '../../src/checkpoint/store.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

const skip = process.getuid?.() !== 0 && 'only root may surely trace: sudo npx tap test/faults'

interface Call {
  readonly name: string
  readonly text: string
  readonly failed: boolean
}

/** What strace wrote; calls that it shows in two pieces are put together. */
function readCalls(file: string): Call[] {
  const begun = new Map<string, string>()
  const calls: Call[] = []
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(thread, rest.slice(0, -'<unfinished ...>'.length))
      continue
    }
    const text = rest.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? '')
    const name = /^\w+/.exec(text)?.[0]
    if (name !== undefined) calls.push({ name, text, failed: text.includes('= -1') })
  }
  return calls
}

t.test('of the checkpoint', { skip }, async t => {
  const story = new LogStory(t)
  const trace = join(story.directory, 'calls')
  story.start()
  await story.says(/started/)
  await story.stop() // the name of the lock is synced once, by the first start
  story.agent.under = ['strace', '-D', '-f', '-y', '-qq', '-o', trace, '-e', 'trace=fsync,fdatasync,rename,close,openat']
  story.agent.under = [...story.agent.under, '-E', 'UV_THREADPOOL_SIZE=1'] // it counts the calls of each thread apart
  story.agent.under = [...story.agent.under, '-e', 'inject=fsync:error=EIO:when=3']
  story.start()
  for (let round = 0; round < 5; round++) {
    story.write(20)
    await story.shipsExactly()
    await until(
      async () => (await new CheckpointStore(story.state).load()).checkpoint?.generations[0]?.offset === story.text().length,
      () => `the checkpoint follows: ${JSON.stringify(story.agent.log)}`,
    )
  }
  await story.says(/can be written again/)
  await story.stop()
  t.equal(story.troubles.length, 1, JSON.stringify(story.troubles))
  t.match(story.troubles[0], { code: 'MLS_STATE_UNWRITABLE', text: /\(EIO\)/ })

  const calls = readCalls(trace).filter(({ text }) => text.includes(`${story.state}`))
  const at = calls.findIndex(({ name, failed }) => name === 'fsync' && failed)
  t.match(calls[at]?.text, /checkpoint\.\d\.new/, 'it was a checkpoint whose fsync failed')
  const next = calls.slice(at + 1).find(({ name }) => name !== 'fdatasync' && name !== 'openat')
  t.equal(next?.name, 'close', 'the file is closed next, not synced again')
  const opened = calls.slice(at + 1).find(({ name, text }) => name === 'openat' && text.includes('.new'))
  const renamed = calls.slice(at + 1).find(({ name, text }) => name === 'rename' && text.includes('checkpoint'))
  t.match(opened?.text, /O_TRUNC/, 'a new one is begun')
  t.ok(calls.indexOf(opened!) < calls.indexOf(renamed!), 'before anything is renamed')

  // Each rename: the file was synced before, the directory after it (F38).
  const order = calls
    .filter(({ name, text, failed }) => !failed && /fsync|rename/.test(name) && !text.includes('status.json'))
    .map(({ name, text }) => (name === 'rename' ? 'rename' : text.includes('.new') ? 'file' : 'directory'))
  t.ok(order.length >= 12, `${order}`)
  for (let i = 0; i + 2 < order.length; i += 3) t.same(order.slice(i, i + 3), ['file', 'rename', 'directory'])
})
