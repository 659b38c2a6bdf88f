/**
 * A dead man's switch: a dead agent cannot raise an alert. As long as it lives and sees Mailman's logs, it asks for a URL of somebody
 * else's (`alerts.heartbeat`), who tells people when it was not asked for in time. A plain GET is what healthchecks.io calls a success
 * ping (https://healthchecks.io/docs/http_api/: “a continuously running process is still running and healthy”; 200, or 201 for a check
 * that is made by it; 404 for one that there is not), and Uptime Kuma, Cronitor and Dead Man's Snitch take the same.
 *
 * It is not asked for while the agent hangs, or has not seen anything new for a quarter of an hour: the output took nothing (reading
 * stops soon after, so the detector sees no more than the output), or there is no log that could be read. Less is a cluster that is
 * restarted. Silence is all that is said: no `/fail`, which would be told at once, and would be another URL for each service. Nor is it
 * asked for at the end, or within ten seconds of the start: an agent that dies as it starts, again and again, must not look alive.
 *
 * The URL is a secret. Neither it nor what the other side says is ever logged.
 */
import http from 'node:http'
import https from 'node:https'
import type { HeartbeatConfig } from './config/alerts-options.js'
import { startDeadline } from './delivery/deadline.js'
import { readSecret } from './delivery/secret.js'
import { ShipperError } from './errors.js'
import type { Health } from './health.js'
import type { Clock } from './model.js'

/** From the start, before the first one. */
const FIRST_MS = 10_000
const ANSWER_MS = 10_000
const BLIND_MS = 15 * 60_000
/** After one that failed: the Internet loses some. */
const AGAIN_MS = 20_000
/** So many in a row are told. */
const TELL_AFTER = 3

export interface HeartbeatParts {
  readonly config: HeartbeatConfig
  readonly health: Pick<Health, 'isStuck' | 'status' | 'troubles'>
  readonly clock: Pick<Clock, 'monotonic'>
  /** For the answer, milliseconds; default: 10,000. */
  readonly patienceMs?: number
}

export interface Heartbeat {
  /** To be called every few seconds. */
  tick(): void
  /** Gives up the one that is on its way. */
  close(): Promise<void>
}

export function startHeartbeat({ config, health, clock, patienceMs = ANSWER_MS }: HeartbeatParts): Heartbeat {
  const ended = new AbortController()
  let asking: Promise<void> | undefined
  let dueMs = clock.monotonic() + FIRST_MS
  let sawMs = clock.monotonic()
  let failures = 0

  const beat = async (): Promise<void> => {
    const trouble = await ask(config, patienceMs, ended.signal)
    if (ended.signal.aborted) return
    if (trouble === undefined) {
      failures = 0
      health.troubles.end('heartbeat')
    } else {
      dueMs = Math.min(dueMs, clock.monotonic() + AGAIN_MS)
      if (++failures >= TELL_AFTER) health.troubles.begin('heartbeat', 'MLS_AGENT_HEARTBEAT', trouble)
    }
  }

  return {
    tick() {
      const now = clock.monotonic()
      const { holdUp, files } = health.status()
      if (holdUp === null && files.length > 0) sawMs = now
      if (asking !== undefined || now < dueMs || health.isStuck || now - sawMs > BLIND_MS) return
      dueMs = now + config.everyMinutes * 60_000
      asking = beat().finally(() => {
        asking = undefined
      })
    },
    async close() {
      ended.abort()
      await asking
    },
  }
}

/** Undefined: it was heard; else what is wrong, without a word of the URL. Never rejects. */
async function ask(config: HeartbeatConfig, patienceMs: number, signal: AbortSignal): Promise<string | undefined> {
  const deadline = startDeadline(signal, patienceMs)
  try {
    const status = await get(await readUrl(config), deadline.signal)
    return status >= 200 && status < 300 ? undefined : `the answer is ${status}`
  } catch (error) {
    if (deadline.isOver()) return `no answer within ${patienceMs / 1000} s`
    if (error instanceof ShipperError) return error.detail
    const { code } = error as NodeJS.ErrnoException
    return typeof code === 'string' && /^[A-Z\d_]{1,60}$/.test(code) ? code : 'it cannot be asked for'
  } finally {
    deadline.end()
  }
}

/** @throws ShipperError MLS_CONFIG_SECRET */
async function readUrl({ url, urlFile }: HeartbeatConfig): Promise<URL> {
  const text = url ?? (await readSecret(urlFile!))
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new ShipperError('MLS_CONFIG_SECRET', `${urlFile} holds no URL`)
  return new URL(text)
}

/** The status of the answer; the rest is not waited for. A redirect is not followed: it would take the secret elsewhere. */
function get(url: URL, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, signal, headers: { 'user-agent': 'mailman-shipper' } }
    const request = (url.protocol === 'https:' ? https : http).get(url, options, response => {
      resolve(response.statusCode!)
      response.on('error', () => {}).destroy()
    })
    request.on('error', reject)
  })
}
