/** What systemd wants to hear of a service of `Type=notify`. Node has no unix datagrams, so `systemd-notify` says it. */
import { execFile } from 'node:child_process'

export interface Notify {
  ready(): void
  stopping(): void
  /** Tells the watchdog that the agent works, as often as it asks; `isAlive` decides whether that is true. */
  watch(isAlive: () => boolean): { stop(): void }
}

export function createNotify(env: NodeJS.ProcessEnv = process.env): Notify {
  const say = (...words: string[]): void => {
    if (env.NOTIFY_SOCKET !== undefined) execFile('systemd-notify', words, () => {}) // without it, systemd times out and says so
  }
  return {
    ready: () => say('--ready', '--status=Following the logs'),
    stopping: () => say('STOPPING=1'),
    watch(isAlive) {
      const watchdogUs = Number(env.WATCHDOG_USEC)
      if (!(watchdogUs > 0)) return { stop: () => {} }
      const timer = setInterval(() => isAlive() && say('WATCHDOG=1'), watchdogUs / 2_500)
      return { stop: () => clearInterval(timer) }
    },
  }
}
