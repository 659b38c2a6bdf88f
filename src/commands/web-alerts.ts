/** What the page may know and do of alerts, in the state directory of this host's agent. */
import type { Config } from '../config/options.js'
import { acknowledge, readAnswers } from '../notify/answers.js'
import type { AlertDesk } from '../web/alerts.js'

export function makeAlertDesk({ host, instance, alerts, state }: Config): AlertDesk {
  return {
    hostName: host.name,
    instance,
    runbookUrl: alerts.runbookUrl,
    async acknowledged() {
      // The page is often another user's, who may not look there.
      const answers = await readAnswers(state.directory).catch(() => undefined)
      if (answers === undefined || answers === 'damaged') return new Map()
      return new Map(answers.acknowledged.map(({ key, atMs }) => [key, atMs]))
    },
    acknowledge: key => acknowledge(state.directory, [key], { by: 'the page', nowMs: Date.now() }),
  }
}
