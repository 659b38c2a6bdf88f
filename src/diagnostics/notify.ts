/** What systemd wants to hear of a service of `Type=notify`. Node has no unix datagrams, so `systemd-notify` says it. */
import { execFile } from 'node:child_process'

/** systemd-notify waits for systemd to have heard it. */
const PATIENCE_MS = 10_000

export interface Notify {
  /** @param status for `systemctl status`, one line */
  ready(status: string): void
  /** From now on until `ready`. */
  reloading(): void
  stopping(): void
  /** Tells the watchdog that the agent works, as often as it asks; `isAlive` decides whether that is true. */
  watch(isAlive: () => boolean): { stop(): void }
}

export function createNotify(env: NodeJS.ProcessEnv = process.env): Notify {
  let last = Promise.resolve()
  /** One after the other: of two processes either might be heard first, and a «ready» before its «reloading» would be no answer. */
  const say = (words: () => string[]): void => {
    if (env.NOTIFY_SOCKET === undefined) return
    // Without the program, systemd times out and says so.
    last = last.then(() => new Promise(done => void execFile('systemd-notify', words(), { timeout: PATIENCE_MS }, () => done())))
  }
  return {
    ready: status => say(() => ['--ready', `--status=${status}`]),
    // The time is for Type=notify-reload (systemd 253): which request to reload it answers.
    reloading: () =>
      say(() => ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, 'STATUS=Reading the configuration anew']),
    stopping: () => say(() => ['STOPPING=1']),
    watch(isAlive) {
      const watchdogUs = Number(env.WATCHDOG_USEC)
      if (!(watchdogUs > 0)) return { stop: () => {} }
      const timer = setInterval(() => isAlive() && say(() => ['WATCHDOG=1']), watchdogUs / 2_500)
      return { stop: () => clearInterval(timer) }
    },
  }
}
