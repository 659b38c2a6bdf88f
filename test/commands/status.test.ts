/** `status`: a look that changes nothing, and says what to do. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lockStateDirectory } from '../../src/checkpoint/lock.js'
import { errors } from '../../src/errors.js'
import { runProgram } from '../support/agent-process.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

t.test('status before the first start leaves nothing behind', async t => {
  const story = new LogStory(t)
  t.match(await runProgram(['status', '--config', story.configFile]), { code: 1, stdout: /^not running/ })
  t.same(readdirSync(story.state), [])
  story.write(1)
  story.start()
  await story.ships()
  await until(
    () => story.status() !== undefined,
    () => 'a status',
  )
  t.match(await runProgram(['status', '--config', story.configFile]), { code: 0, stdout: /^following/ })
  await story.stop()
})

const since = '2026-11-20T12:00:00.000Z'
const plain = {
  at: since,
  startedAt: since,
  pid: 1,
  version: '0.1.0',
  output: 'elasticsearch',
  holdUp: null,
  blocked: [],
  lastDeliveryAt: null,
  counts: { stored: 1, duplicates: 0, setAside: 0 },
  files: [],
}

/** `status` on what an agent wrote of itself. */
async function read(t: Test, status: object, isRunning = true) {
  const story = new LogStory(t)
  const lock = isRunning ? await lockStateDirectory(story.state) : undefined
  writeFileSync(join(story.state, 'status.json'), JSON.stringify(status))
  const said = await runProgram(['status', '--config', story.configFile])
  const { stdout } = await runProgram(['status', '--json', '--config', story.configFile])
  await lock?.release()
  return { ...said, json: JSON.parse(stdout) }
}

t.test('what an older version wrote, and long ago', async t => {
  const { code, stdout, json } = await read(t, plain)
  t.equal(code, 0)
  t.match(stdout, /^following: elasticsearch/)
  t.match(
    stdout,
    /has not written its status since 2026-11-20T12:00:00\.000Z: the disk of \S+ is full or read-only, or it hangs\.\n {2}Free space/,
  )
  t.match(json, { state: 'following', isStale: true, troubles: [], moments: [], losses: { lostBytes: 0 } })
  const away = await read(t, plain, false)
  t.equal(away.code, 1)
  t.notMatch(away.stdout, /has not written its status/, 'who does not run does not write')
})

t.test('each trouble and each loss is a sentence and what to do; nothing hostile reaches the terminal', async t => {
  const codes = ['MLS_STATE_UNWRITABLE', 'MLS_METRICS_UNSERVED', 'MLS_AGENT_BEHIND', 'MLS_AGENT_STUCK', 'MLS_FILES_NONE'] as const
  const moments = [
    'MLS_FILE_LOST',
    'MLS_FILE_GONE',
    'MLS_FILE_HOLE',
    'MLS_STATE_SLOT',
    'MLS_STATE_CLONED',
    'MLS_SETASIDE_NEW',
  ] as const
  const places = [
    ['ENOENT', 'MLS_FILE_WAITING'],
    ['EACCES', 'MLS_FILE_UNREADABLE'],
    ['EMFILE', 'MLS_FILE_HANDLES'],
    ['EIO', 'MLS_FILE_DISK'],
    ['Z_DATA_ERROR', 'MLS_FILE_DAMAGED'],
  ] as const
  const { code, stdout, json } = await read(t, {
    ...plain,
    at: new Date().toISOString(),
    blocked: places.map(([code]) => ({ path: `/var/log/${code}`, code })),
    troubles: codes.map(code => ({ code, detail: `\x1b[2J of ${code}`, since })),
    moments: moments.map(code => ({ code, detail: `the last ${code}`, count: 3, at: since })),
    delivery: { requests: 9, retries: { MLS_OUTPUT_BUSY: 2, MLS_OUTPUT_TIMEOUT: 1 } },
    losses: { lostBytes: 77, goneFiles: 1, holeBytes: 5 },
    troubleSeconds: { MLS_OUTPUT_BUSY: 61 },
  })
  t.equal(code, 0, 'none of it holds events up')
  for (const code of codes) {
    const { message, remedy } = errors[code]
    t.ok(stdout.includes(`  ${message}, since ${since}: \\x1b[2J of ${code}\n  ${remedy}\n`), code)
  }
  for (const code of moments) {
    const { message, remedy } = errors[code]
    t.ok(stdout.includes(`  ${message}, 3 times, last at ${since}: the last ${code}\n  ${remedy}\n`), code)
  }
  for (const [system, code] of places)
    t.ok(stdout.includes(`${errors[code].remedy}\n`) && stdout.includes(`/var/log/${system}`), code)
  t.match(stdout, /9 requests, 3 of them in vain, at least in part: MLS_OUTPUT_BUSY 2, MLS_OUTPUT_TIMEOUT 1\n/)
  t.match(stdout, /troubles, in all: MLS_OUTPUT_BUSY 61 s\n/)
  t.match(stdout, /77 bytes went away unread; 5 zero bytes passed over\n/)
  t.equal(json.troubles.length, codes.length)
  t.equal(json.moments.length, moments.length)
})

t.test(
  'F30: a checkpoint that cannot be written shows, on the same full disk; and shows no more when it can',
  { skip: process.getuid?.() !== 0 && 'only root can mount a file system: sudo npx tap test/commands' },
  async t => {
    const story = new LogStory(t)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', story.state])
    t.teardown(() => execFileSync('umount', ['-l', story.state]))
    story.write(10)
    story.start()
    await until(
      () => story.status()?.checkpoint.writtenAt,
      () => JSON.stringify(story.status()),
    )
    mkdirSync(join(story.state, 'filling'))
    for (let number = 0; number < 16; number++)
      try {
        writeFileSync(join(story.state, `filling/${number}`), Buffer.alloc(4_096))
      } catch {}
    story.write(10)
    await story.says(/MLS_STATE_UNWRITABLE/)
    const { message, remedy } = errors.MLS_STATE_UNWRITABLE
    await until(
      async () => (await runProgram(['status', '--config', story.configFile])).stdout.includes(message),
      () => readFileSync(join(story.state, 'status.json'), 'utf8'),
    )
    const said = await runProgram(['status', '--config', story.configFile])
    t.match(said, { code: 0, stdout: /^following: / }, 'events are stored all the same')
    t.match(said.stdout, new RegExp(`${message}, since 20\\S+: \\S+ \\(ENOSPC\\)\n {2}${remedy}\n`))
    t.ok(story.status()!.checkpoint.failures > 0)
    rmSync(join(story.state, 'filling'), { recursive: true })
    story.write(1)
    await story.says(/can be written again/)
    await until(
      () => story.status()?.troubles.length === 0,
      () => JSON.stringify(story.status()),
    )
    t.ok(story.status()!.troubleSeconds.MLS_STATE_UNWRITABLE! >= 1)
    await story.stop()
  },
)
