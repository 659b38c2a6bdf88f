/**
 * F42: a bug. The agent ends with an exit code that has systemd start it again, it does not limp on; what it had not settled is
 * read again. (An agent that stands still is ended by the watchdog: test/deploy/systemd.test.ts.)
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

for (const [name, bug] of [
  ['an exception in a timer', 'throw new Error("a bug")'],
  ['a rejection that nobody handles', 'Promise.reject(new Error("a bug"))'],
] as const)
  t.test(name, async t => {
    const story = new LogStory(t)
    const file = join(story.directory, 'bug.mjs')
    // Loaded before the program; when the file `now` appears, it strikes.
    const now = join(story.directory, 'now')
    writeFileSync(
      file,
      `import { existsSync } from 'node:fs'\nsetInterval(() => { if (existsSync(${JSON.stringify(now)})) { ${bug} } }, 5).unref()\n`,
    )
    const own = 'bug=$1; shift 5; exec env -u NODE_OPTIONS "$0" --import "$bug" "$@"'
    story.agent.under = ['sh', '-c', own, process.execPath, file]
    story.write(2_000)
    story.start()
    await story.says(/started/)
    writeFileSync(now, '')
    story.write(2_000)
    await until(
      () => !story.agent.isRunning,
      () => 'it ends',
    )
    const code = await story.agent.exit()
    t.ok(code !== null && code !== 0, `exit code ${code}`)
    story.agent.under = []
    story.start()
    // What was sent and not in the checkpoint comes again: NDJSON shows it, by the same id.
    await until(
      () => new Set(story.shipped).size === story.next,
      () => `${new Set(story.shipped).size} of ${story.next}`,
    )
    t.equal(new Set(story.documents.map(({ event }) => event.id)).size, story.next, 'no line has two ids')
    await story.stop()
  })
