/**
 * F30: no space for the checkpoint, on a full file system of 64 kB and by a write that fails in the middle: shipping goes on, that
 * is told once, the last good copy stays, and it is written as soon as there is space.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type AgentStatus, writeStatus } from '../../src/checkpoint/status-file.js'
import { CheckpointStore } from '../../src/checkpoint/store.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

const skip = process.getuid?.() !== 0 && 'only root can mount a file system and trace: sudo npx tap test/faults'

/** strace counts the calls of each thread apart. */
const ONE_THREAD = ['-E', 'UV_THREADPOOL_SIZE=1']

const settled = async (state: string): Promise<number | undefined> =>
  (await new CheckpointStore(state).load()).checkpoint?.generations[0]?.offset

/** Uses up all space of a file system of 64 kB; returns the file that does. */
function fill(directory: string): string {
  const filling = join(directory, 'filling')
  for (let size = 65_536; size > 0; size -= 4_096)
    try {
      writeFileSync(filling, Buffer.alloc(size))
      break
    } catch {
      rmSync(filling)
    }
  return filling
}

const isSettled = (story: LogStory) =>
  until(
    async () => (await settled(story.state)) === story.text().length,
    () => `the checkpoint is as far as the file: ${JSON.stringify(story.agent.log)}`,
  )

/** Each trouble of the checkpoint, and its end, once. */
function checkTold(t: Test, story: LogStory, times = 1): void {
  const troubles = story.troubles.filter(({ code }) => code !== 'MLS_ALERTS_UNSAVED') // on the same disk, at times of its own
  t.equal(troubles.length, times, JSON.stringify(troubles))
  t.match(troubles[0], { level: 'error', code: 'MLS_STATE_UNWRITABLE', text: story.state })
}

t.test('a file system that is full', { skip }, async t => {
  const story = new LogStory(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', story.state])
  t.teardown(() => execFileSync('umount', ['-l', story.state]))
  story.write(20)
  story.start()
  await story.shipsExactly()
  await isSettled(story)
  const before = await settled(story.state)
  const filling = fill(story.state)
  for (let round = 0; round < 3; round++) {
    story.write(20)
    await story.shipsExactly('without a checkpoint')
  }
  await story.says(/MLS_STATE_UNWRITABLE/)
  t.match(await settled(story.state), before, 'the last good one is whole')
  t.notOk(
    readdirSync(story.state).some(name => /^checkpoint.*new$/.test(name)),
    'nothing half-written is left',
  )
  rmSync(filling)
  story.write(1)
  await story.says(/can be written again/)
  await isSettled(story)
  checkTold(t, story)
  await story.stop()
  story.start()
  story.write(1)
  await story.shipsExactly('nothing is read again')
  await story.stop()
})

t.test('the disk is full in the middle of a stop: what was settled since is read again', { skip }, async t => {
  const story = new LogStory(t, { ndjson: undefined })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', story.state])
  t.teardown(() => execFileSync('umount', ['-l', story.state]))
  // The store has a place of its own.
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  writeFileSync(story.configFile, JSON.stringify({ ...config, local: { file: join(story.directory, 'events.db') } }))
  story.write(20)
  story.start()
  await until(
    () => story.status()?.counts.stored === 20,
    () => JSON.stringify(story.agent.log),
  )
  await isSettled(story)
  mkdirSync(join(story.state, 'filling'))
  for (let number = 0; number < 16; number++)
    try {
      writeFileSync(join(story.state, `filling/${number}`), Buffer.alloc(4_096))
    } catch {}
  story.write(20)
  await story.says(/MLS_STATE_UNWRITABLE/)
  await story.stop()
  rmSync(join(story.state, 'filling'), { recursive: true })
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  t.match(story.agent.log.at(-1), { stored: 0, duplicates: 20, setAside: 0 })
})

t.test('a write that fails in the middle', { skip }, async t => {
  const story = new LogStory(t)
  const slots = ['checkpoint.0.new', 'checkpoint.1.new'].flatMap(name => ['-P', join(story.state, name)])
  story.agent.under = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', ...ONE_THREAD, ...slots]
  story.agent.under = [...story.agent.under, '-e', 'trace=write,pwrite64', '-e', 'inject=write,pwrite64:error=ENOSPC:when=2..3']
  story.start()
  for (let round = 0; round < 4; round++) {
    story.write(20)
    await story.shipsExactly()
    await until(
      () => story.status()?.files[0]?.lagBytes === 0,
      () => JSON.stringify(story.status()),
    )
  }
  await story.says(/can be written again/)
  await isSettled(story)
  checkTold(t, story)
  t.match(story.troubles[0]?.text, /ENOSPC/)
  await story.stop()
})

t.test('a status that cannot be written leaves its place to the checkpoint', { skip }, async t => {
  const directory = t.testdir({})
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', directory])
  try {
    writeFileSync(join(directory, 'filling'), Buffer.alloc(12_288))
    const status = { version: 'x'.repeat(6_000) } as AgentStatus
    await t.rejects(writeStatus(directory, status), { code: 'ENOSPC' })
    t.same(readdirSync(directory), ['filling'])
  } finally {
    execFileSync('umount', [directory])
  }
})
