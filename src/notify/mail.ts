/**
 * Alerts by mail: to all recipients, by the first server that takes it; whom one refuses, the next is asked about. What was taken
 * is not sent again, and what is sent again after a crash has the same Message-ID.
 */
import type { AlertMailConfig } from '../config/options.js'
import { startDeadline } from '../delivery/deadline.js'
import type { Log } from '../diagnostics/log.js'
import { ShipperError } from '../errors.js'
import { subjectOf, textOf } from './mail-text.js'
import { openMailTransport } from './mail-transport.js'
import type { Notice, NoticeSite, Notifier } from './notice.js'
import { headerSafe, MAX_ALERTS } from './notice-words.js'

export interface MailSecrets {
  /** PEM */
  readonly ca: string | undefined
  readonly password: string | undefined
}

/** For all servers, from connecting to the last answer: each has its share, so that one that hangs leaves time for the next. */
const PATIENCE_MS = 55_000
/** Notices that were taken for some recipients only. */
const MAX_PARTLY = 100

/** What a server made of it. */
interface Answer {
  readonly taken: readonly string[]
  /** For good, as it says. */
  readonly refused: readonly string[]
  readonly failure: string | undefined
}

export function makeMail(config: AlertMailConfig, { ca, password }: MailSecrets, site: NoticeSite, log: Log): Notifier {
  const { servers, username, from, least } = config
  // As nodemailer names them in what it says of each.
  const to = [...new Set(config.to.map(address => address.replace(/@.*$/, domain => domain.toLowerCase())))]
  const transports = servers.map(server => ({
    server,
    transport: openMailTransport({ server, ca, username, password }),
  }))
  /** Whom a notice went to already. */
  const partly = new Map<string, Set<string>>()

  async function ask({ server, transport }: (typeof transports)[number], message: object, left: string[], signal: AbortSignal) {
    const deadline = startDeadline(signal, PATIENCE_MS / servers.length)
    try {
      const info = await transport.sendMail({ ...message, envelope: { from, to: left }, signal: deadline.signal })
      return answerOf(server, left, info)
    } catch (error) {
      return answerOf(server, left, error)
    } finally {
      deadline.end()
    }
  }

  async function send(notice: Notice, signal: AbortSignal): Promise<void> {
    const message = { from, to, ...messageOf(notice, site) }
    const done = partly.get(notice.id) ?? new Set<string>()
    let refused: readonly string[] = []
    const failures: string[] = []
    for (const way of transports) {
      const left = to.filter(address => !done.has(address))
      if (left.length === 0) break
      const answer = await ask(way, message, left, signal)
      for (const address of answer.taken) done.add(address)
      refused = answer.refused
      if (answer.failure !== undefined) failures.push(answer.failure)
      if (signal.aborted) break
    }
    const missing = to.filter(address => !done.has(address))
    // Whom the last server refuses for good it refuses again; the others have been told.
    const isDone = missing.every(address => refused.includes(address)) && done.size > 0
    partly.delete(notice.id)
    if (isDone) {
      if (missing.length > 0) log.warn({ refused: missing.length, of: to.length }, 'a mail server refuses recipients of alerts')
      return
    }
    if (done.size > 0) partly.set(notice.id, done)
    if (partly.size > MAX_PARTLY) partly.delete(partly.keys().next().value!)
    throw new ShipperError('MLS_ALERT_UNSENT', `mail: ${failures.join('; ')}`)
  }

  return {
    name: 'mail',
    least,
    send,
    async close() {
      for (const { transport } of transports) transport.close()
    },
  }
}

/** References to a message that never was, one for each alert: programs that show threads put all that refer to it together. */
function messageOf(notice: Notice, site: NoticeSite) {
  const place = `${site.instance}@${site.hostName}`
  const threads = notice.alerts.slice(0, MAX_ALERTS).map(({ key }) => `<alert-${key}.${place}>`)
  const [thread] = threads
  return {
    subject: subjectOf(notice, site),
    messageId: `<${headerSafe(notice.id)}.${place}>`,
    ...(thread === undefined ? {} : { references: threads }),
    ...(thread === undefined || notice.moment === 'raised' ? {} : { inReplyTo: thread }),
    date: new Date(notice.atMs),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(notice.alerts[0]?.severity === 'critical' && notice.moment !== 'ended' ? { Importance: 'high' } : {}),
    },
    text: textOf(notice, site),
  }
}

/** @param said what nodemailer resolved or rejected with; of its texts nothing is used, for the server may repeat addresses in them */
function answerOf(server: string, asked: readonly string[], said: unknown): Answer {
  const { accepted, rejectedErrors } = said as { accepted?: unknown; rejectedErrors?: unknown }
  const errors: { responseCode?: number; recipient?: string }[] = Array.isArray(rejectedErrors) ? rejectedErrors : []
  const taken = Array.isArray(accepted) ? asked.filter(address => errors.length === 0 || accepted.includes(address)) : []
  const refused = errors
    .filter(({ responseCode = 0 }) => responseCode >= 500)
    .map(({ recipient }) => recipient)
    .filter(recipient => recipient !== undefined)
  if (taken.length === asked.length) return { taken, refused, failure: undefined }
  return { taken, refused, failure: `${server}: ${reasonOf(said, asked.length - taken.length)}` }
}

function reasonOf(said: unknown, missing: number): string {
  const first = (said as { rejectedErrors?: unknown[] }).rejectedErrors?.[0] ?? said
  const { responseCode, code, originalCode } = first as Readonly<Record<string, unknown>>
  const known = [originalCode, code].find(text => typeof text === 'string' && /^[A-Z][A-Z\d_]{2,40}$/.test(text))
  const answer = typeof responseCode === 'number' ? `answer ${responseCode}` : undefined
  const who = 'accepted' in (said as object) || first !== said ? [`${missing} recipients not taken`] : []
  return [...who, ...(answer === undefined ? [] : [answer]), `${known ?? 'unknown error'}`].join(', ')
}
