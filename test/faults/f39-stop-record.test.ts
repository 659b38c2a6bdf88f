/** F39: asked to stop while lines are not read yet, the pipeline does not take the record it is in for complete. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.js'
import { systemClock } from '../../src/diagnostics/clock.js'
import type { Answer, Clock, Output, SavedGeneration } from '../../src/model.js'
import { Pipeline } from '../../src/pipeline.js'
import { makeAgentSite } from '../support/site-config.js'
import { until } from '../support/until.js'

/** The ten seconds that a stop may take are one. */
const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 10, signal) }
const RECORDS = 100
const record = (number: number): string =>
  [
    'Nov 20 12:00:00 2026 (7) Uncaught runner exception: number',
    'Nov 20 12:00:00 2026 (7) Traceback (most recent call last):',
    ...Array.from({ length: 200 }, (_, i) => `  File "/usr/lib/mailman/Mailman/Queue/Runner.py", line ${i}, in _oneloop`),
    `ValueError: ${number}\n`,
  ].join('\n')

t.test('in an outage', async t => {
  const site = makeAgentSite(t.testdir({}))
  const config = await loadConfig(site.configFile)
  appendFileSync(join(site.logs, 'error'), Array.from({ length: RECORDS }, (_, number) => record(number)).join(''))
  const messages: string[] = []
  let isDown = true
  let tries = 0
  const output: Output = {
    name: 'one that is down',
    prefix: () => '',
    async write({ body, starts }): Promise<Answer> {
      tries++
      if (isDown) return { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail: '' } }
      for (const line of body.toString().split('\n').slice(0, -1)) messages.push(JSON.parse(line).message)
      return { outcomes: starts.map(() => ({ status: 'stored' })) }
    },
    async close() {},
  }
  let saved: readonly SavedGeneration[] = []
  const ignore = (): void => {}
  const open = (): Pipeline =>
    new Pipeline({
      config,
      privacy: undefined,
      output,
      setAside: { add: async () => 'not here' } as never,
      saved,
      clock,
      random: Math.random,
      events: { heldUp: ignore, resumed: ignore, setAside: ignore, blocked: ignore, unblocked: ignore, lost: ignore },
      async save(generations) {
        saved = generations
        return true
      },
    })
  const first = open()
  const running = first.run()
  await until(
    () => tries > 3,
    () => 'it tries again and again',
  )
  first.stop()
  await running
  t.same(
    saved.flatMap(({ cuts }) => cuts),
    [],
    'nothing was cut',
  )
  isDown = false
  t.ok(await open().runOnce())
  t.equal(messages.length, RECORDS, 'no record is two')
  for (const [number, message] of messages.entries()) t.match(message, new RegExp(`^Uncaught[^]*\nValueError: ${number}$`))
})
