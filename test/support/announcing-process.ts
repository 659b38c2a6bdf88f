/**
 * An announcer in a process of its own, to be killed: `DIRECTORY SMTP_PORT HTTP_PORT HOLD`. It tells of one alert by mail and webhook,
 * and ends when it has. HOLD: `before` a message goes out, or `after` it was taken, it stands still.
 */
import pino from 'pino'
import { openAnnouncer } from '../../src/notify/announcer.js'
import { makeMail } from '../../src/notify/mail.js'
import type { Notifier } from '../../src/notify/notice.js'
import { makeWebhook } from '../../src/notify/webhook.js'
import { alertOf } from './alerts.js'

const [directory = '', smtp, http, hold] = process.argv.slice(2)
const site = {
  hostName: 'lists1.example.org',
  instance: 'main',
  timezone: 'UTC',
  runbookUrl: undefined,
  dashboardUrl: undefined,
  pageUrl: undefined,
}
const mail = {
  servers: [`smtp://127.0.0.1:${smtp}`],
  from: 'mailman@example.org',
  to: ['ann@example.org'],
  caFile: undefined,
  username: undefined,
  passwordFile: undefined,
  least: 'warning',
} as const
const hook = {
  name: 'hook',
  url: undefined,
  urlFile: undefined,
  shape: 'json',
  keyFile: undefined,
  caFile: undefined,
  least: 'warning',
} as const
const notifiers = [
  makeMail(mail, { ca: undefined, password: undefined }, site, pino({ level: 'silent' })),
  makeWebhook(hook, { url: `http://127.0.0.1:${http}/`, key: undefined, ca: undefined }, site),
]

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const forever = (): Promise<never> => new Promise(() => {})

const held = (notifier: Notifier): Notifier => ({
  ...notifier,
  async send(notice, signal) {
    if (hold === 'before') {
      say(`held ${notifier.name}`)
      await forever()
    }
    await notifier.send(notice, signal)
    if (hold === 'after') {
      say(`held ${notifier.name}`)
      await forever()
    }
  },
})

// Ten times as fast, and on from where the last run stood: nothing has to be waited for.
const began = performance.now()
const startMs = Date.parse('2026-11-20T12:00:00Z') + 60_000 * Number(process.env.RUN ?? 0)
const now = (): number => startMs + 10 * (performance.now() - began)
const told = new Set<string>()
const announcer = await openAnnouncer({
  config: { repeatMinutes: 30, quietHours: undefined, maintenance: [] },
  timezone: 'UTC',
  directory,
  notifiers: notifiers.map(held),
  clock: {
    now,
    monotonic: () => performance.now(),
    sleep: (_, signal) => new Promise(resolve => signal?.addEventListener('abort', () => resolve())),
  },
  random: Math.random,
  events: {
    sent: name => void told.add(name),
    failed: (name, message) => say(`failed ${name} ${message}`),
    gaveUp: () => {},
    damaged: path => say(`damaged ${path}`),
    unsaved: () => say('unsaved'),
  },
})
const raisedMs = Date.parse('2026-11-20T12:00:00Z')
const alert = alertOf({ raisedMs, sinceMs: raisedMs })
// Some more of them when all is told: that it is told once.
let looks = 0
const looking = setInterval(() => {
  announcer.update([alert])
  if (told.size < notifiers.length || ++looks < 20) return
  clearInterval(looking)
  void announcer.close().then(() => say(`told ${announcer.shown.alerts[0]!.told.map(({ by }) => by).join(' ')}`))
}, 20)
