/**
 * F34, F35: a state directory of another time (an older backup), of another machine (a clone), of a newer version; one that is
 * missing, no directory, a link, open to others, in memory, or on a disk that is read-only.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runProgram } from '../support/agent-process.js'
import { LogStory } from '../support/log-story.js'

/** A story on the embedded store, which is kept apart from the state; each run is `--once`. */
function makeStory(t: Test): LogStory {
  const story = new LogStory(t, { ndjson: undefined })
  configure(story, { local: { file: join(story.directory, 'events.db') } })
  story.agent.args.push('--once')
  return story
}

function configure(story: LogStory, options: object): void {
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  writeFileSync(story.configFile, JSON.stringify({ ...config, ...options }))
}

async function run(story: LogStory, code = 0): Promise<Record<string, unknown>> {
  story.agent.log.length = 0
  story.start()
  await story.ends(code)
  return story.agent.log.at(-1)!
}

t.test('F34 a backup of the state is put back: what came after it is found to be stored', async t => {
  const story = makeStory(t)
  story.write(20)
  t.match(await run(story), { stored: 20 })
  cpSync(story.state, `${story.state}.backup`, { recursive: true })
  story.write(30)
  story.rotate()
  story.reopen()
  story.write(10)
  t.match(await run(story), { stored: 40, duplicates: 0 })
  rmSync(story.state, { recursive: true })
  renameSync(`${story.state}.backup`, story.state)
  story.write(5)
  t.match(await run(story), { stored: 5, duplicates: 40 })
  t.same(story.troubles, [])
})

t.test('F34 a checkpoint that is ahead of its file: that file is read from its beginning', async t => {
  const story = makeStory(t)
  story.write(40)
  t.match(await run(story), { stored: 40 })
  // The logs come from an older backup than the state.
  const text = story.text()
  story.reopen()
  writeFileSync(story.path(), text.subarray(0, text.length >> 1))
  t.match(await run(story), { stored: 0, duplicates: 20 })
  writeFileSync(story.path(), text)
  story.write(5)
  t.match(await run(story), { stored: 5 })
})

t.test('F34 a cloned machine: it says that its name is another one, and its lines are its own', async t => {
  const story = makeStory(t)
  story.write(20)
  t.match(await run(story), { stored: 20 })
  configure(story, { host: { name: 'lists2.example.org' } })
  story.write(5)
  t.match(await run(story), { stored: 5, duplicates: 0 }, 'it goes on where the first one was')
  t.match(story.troubles, [{ level: 'warn', was: 'lists1.example.org', is: 'lists2.example.org' }])
  t.match(await run(story), { stored: 0 })
  t.same(story.troubles, [], 'said once')
})

t.test('F34 a checkpoint of a newer version: refused, and nothing is touched', async t => {
  const story = makeStory(t)
  story.write(20)
  await run(story)
  const slot = join(story.state, readdirSync(story.state).find(name => name.startsWith('checkpoint'))!)
  const json = JSON.stringify({ ...JSON.parse(readFileSync(slot, 'utf8').split('\n')[1]!), format: 99 })
  writeFileSync(slot, `${createHash('sha256').update(json).digest('hex')}\n${json}\n`)
  const see = () =>
    readdirSync(story.state).map(name => [name, readFileSync(join(story.state, name)), statSync(join(story.state, name)).mtimeMs])
  const before = see()
  t.match((await run(story, 3)).text, /Install that version again.*MLS_STATE_NEWER/)
  t.same(see(), before)
})

t.test('F35 the state directory', async t => {
  const story = makeStory(t)
  story.write(5)
  const refused = async (what: string, sentence: RegExp): Promise<void> => {
    await run(story, 3)
    t.match(story.agent.log.map(({ text }) => text).join('\n'), sentence, what)
    t.match(story.agent.log.at(-1), { text: /\[MLS_STATE_UNSAFE\]/ })
  }
  rmSync(story.state, { recursive: true })
  writeFileSync(story.state, '')
  await refused('a file', /is not a directory|cannot be made/)
  rmSync(story.state)
  mkdirSync(`${story.state}.elsewhere`, { mode: 0o700 })
  symlinkSync(`${story.state}.elsewhere`, story.state)
  await refused('a link', /is a symbolic link/)
  rmSync(story.state)
  mkdirSync(story.state)
  for (const mode of [0o720, 0o702]) {
    chmodSync(story.state, mode)
    await refused('open to others', /can be written by group or others/)
  }
  rmSync(story.state, { recursive: true })
  t.match(await run(story), { stored: 5 }, 'missing: it is made')
  t.equal(statSync(story.state).mode & 0o777, 0o700)
})

const skip = process.getuid?.() !== 0 && 'only root can mount a file system: sudo npx tap test/faults'

t.test('F35 on a disk that is read-only: refused at the start; while it runs, told, and shipping goes on', { skip }, async t => {
  const story = new LogStory(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', story.state])
  t.teardown(() => execFileSync('umount', ['-l', story.state]))
  const remount = (how: 'ro' | 'rw'): void => void execFileSync('mount', ['-o', `remount,${how}`, story.state])
  remount('ro')
  story.start()
  await story.ends(3)
  t.match(story.agent.log[0], { text: /state directory is not safe to use: .*lock cannot be used \(EROFS\)/ })
  story.agent.log.length = 0
  remount('rw')
  story.write(10)
  story.start()
  await story.shipsExactly()
  remount('ro')
  story.write(10)
  await story.shipsExactly()
  await story.says(/MLS_STATE_UNWRITABLE.*EROFS/)
  remount('rw')
  story.write(1)
  await story.says(/can be written again/)
  await story.shipsExactly()
  t.equal(story.troubles.filter(({ code }) => code !== 'MLS_ALERTS_UNSAVED').length, 1)
  await story.stop()
})

t.test('F35 on a file system in memory: taken, with a warning at the start and in check', { skip }, async t => {
  const story = makeStory(t)
  const warns = /the state directory is on a (\w+): after a boot it is empty, and all logs are read again/
  const findings = async (): Promise<string> => (await runProgram(['check', '--config', story.configFile])).stdout
  story.write(5)
  await run(story)
  t.notMatch(JSON.stringify(story.agent.log), warns, 'on a disk it says nothing')
  t.notMatch(await findings(), /tmpfs|ramfs/)
  for (const type of ['tmpfs', 'ramfs']) {
    execFileSync('mount', ['-t', type, '-o', 'mode=0700', type, story.state])
    const unmount = (): void => void execFileSync('umount', ['-l', story.state])
    try {
      await run(story)
      t.match(
        story.agent.log,
        [{ level: 'warn', text: story.state, msg: new RegExp(`is on a ${type}:`) }],
        `said at the start: ${type}`,
      )
      t.match(
        await findings(),
        new RegExp(`warning +state directory: \\S+ is on a ${type}: .*\\n.*state\\.directory`),
        'and in check',
      )
      // Not made yet: what it will be made on counts.
      configure(story, { state: { directory: join(story.state, 'deeper') } })
      t.match(await findings(), new RegExp(`state directory: \\S+/deeper is on a ${type}: `))
    } finally {
      configure(story, { state: { directory: story.state } })
      unmount()
    }
  }
})
