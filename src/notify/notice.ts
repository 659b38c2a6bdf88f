/** What is sent to people, and what a notifier is. */
import type { Alert } from '../alerts/alert.js'
import type { LeastSeverity } from '../config/alerts-options.js'

/** `repeated`: critical, still there, and nobody has acknowledged it · `test`, `all-clear`: `alerts test`, `verify` */
export type Moment = 'raised' | 'grown' | 'repeated' | 'ended' | 'test' | 'all-clear'

/** One message about one trouble or several that were found together. */
export interface Notice {
  /** The same when it is sent again: receivers that know it already may drop it. */
  readonly id: string
  readonly atMs: number
  readonly moment: Moment
  /** The worst first; none where it is a test, or all is clear. */
  readonly alerts: readonly Alert[]
  /** A line each: what a `test` or an `all-clear` has to say; beside alerts, that others were left out. */
  readonly words?: readonly string[]
}

/** What all notices have in common. */
export interface NoticeSite {
  readonly hostName: string
  readonly instance: string
  /** IANA name, for times that people read. */
  readonly timezone: string
  readonly runbookUrl: string | undefined
  readonly dashboardUrl: string | undefined
  readonly pageUrl: string | undefined
}

export interface Notifier {
  /** `mail`, `command`, `journal`, a webhook's own name; for the log, and for what was told by whom. */
  readonly name: string
  readonly least: LeastSeverity
  /**
   * Sends once; whoever calls tries again. Rejects with an Error whose message may be logged: it holds no address of a person, no
   * secret, nothing that the other side said.
   */
  send(notice: Notice, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
