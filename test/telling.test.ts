/** Who tells people: a notifier that cannot be made keeps nobody else from telling, nor the agent from shipping. */
import t from 'tap'
import { nothingCounted } from '../src/alerts/alert.js'
import { systemClock } from '../src/diagnostics/clock.js'
import { createLog } from '../src/diagnostics/log.js'
import { Health } from '../src/health.js'
import type { Output } from '../src/model.js'
import { openTelling } from '../src/telling.js'
import { noAlerts } from './support/no-alerts.js'
import { makePipelineConfig } from './support/site-config.js'
import { until } from './support/until.js'

const output: Output = {
  name: 'none',
  prefix: () => '',
  write: async () => ({ holdUp: { code: 'MLS_OUTPUT_BUSY', detail: '' } }),
  close: async () => {},
}

t.test('a secret that is not there is a trouble of its own', async t => {
  const directory = t.testdir({})
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
  const health = new Health({ log, clock: systemClock, version: '0', output: 'none', stateDirectory: directory })
  const webhook = { name: 'chat', url: undefined, urlFile: `${directory}/missing`, shape: 'slack', least: 'info' } as const
  const alerts = {
    ...noAlerts,
    enabled: true,
    webhooks: [{ ...webhook, keyFile: undefined, caFile: undefined }],
    journal: { least: 'info' as const },
  }
  const config = { ...makePipelineConfig(directory, directory), alerts }
  const telling = await openTelling({ config, clock: systemClock, log, health, output }, undefined)
  t.match(health.troubles.besides(), [{ code: 'MLS_ALERTS_UNSENT', detail: /^chat: .*missing/ }])
  const nowMs = Date.now()
  const alert = {
    ...nothingCounted,
    key: '0123456789',
    kind: 'queue-stuck' as const,
    severity: 'critical' as const,
    list: null,
    about: 'out',
    sinceMs: nowMs - 60_000,
    raisedMs: nowMs,
    endedMs: undefined,
    before: [],
  }
  await until(
    () => {
      telling.update([alert])
      return lines.some(line => line.includes('"alert":"queue-stuck"'))
    },
    () => `the journal tells: ${lines}`,
  )
  const figures = telling.figures([alert], new Map(), { learned: 0, lists: 0, people: 0, openAlerts: 0 }, false)
  t.match(figures.notifiers, [
    { name: 'chat', sent: 0, failing: { detail: /missing/ } },
    { name: 'journal', sent: 1, failing: null },
  ])
  await telling.close()
})
