/** Alerts turned off: for tests of what goes on beside them. */
import type { AlertsConfig } from '../../src/config/options.js'

export const noAlerts: AlertsConfig = {
  enabled: false,
  mail: undefined,
  webhooks: [],
  command: undefined,
  journal: undefined,
  repeatMinutes: 30,
  quietHours: undefined,
  maintenance: [],
  runbookUrl: undefined,
  dashboardUrl: undefined,
  pageUrl: undefined,
  heartbeat: undefined,
  guards: { queues: undefined, configuration: undefined, archives: undefined, held: undefined },
}
