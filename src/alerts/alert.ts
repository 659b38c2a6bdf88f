/** What is told: one alert is one trouble, from its beginning to its end. Its words hold counts and names of lists, never an address. */

export type AlertKind =
  | 'holds-spike'
  | 'spam-wave'
  | 'posts-stopped'
  | 'delivery-failures'
  | 'bounce-storm'
  | 'error-burst'
  | 'errors-at-restart'
  | 'runner-trouble'
  | 'login-attacks'
  | 'subscription-flood'
  | 'accepted-not-delivered'

/** `critical`: mail of members does not get through on this host, somebody must wake up. */
export type Severity = 'critical' | 'warning' | 'info'

/** Something that happened before an alert's beginning and may be why. */
export interface Before {
  readonly atMs: number
  readonly what: 'start' | 'stop' | 'restart' | 'setting'
  /** A sentence's part, such as `Mailman was restarted`; of a log only what our own vocabulary says. */
  readonly text: string
}

export interface Alert {
  readonly kind: AlertKind
  readonly severity: Severity
  /** Null: of the whole host. */
  readonly list: string | null
  /** Event times: of the change, and of the event with which it was clear. */
  readonly sinceMs: number
  readonly raisedMs: number
  endedMs: number | undefined
  /** How many, since `sinceMs`, of what the kind is about; it goes on counting while the alert lasts. */
  count: number
  /** Held messages since `sinceMs`, when it was raised. */
  readonly held: number
  readonly lists: number
  readonly senders: number
  /** How many are usual in the same time. */
  readonly usual: number
  /** What stands behind the decision, in nats; the alert is raised where it reaches `limit`. */
  readonly evidence: number
  readonly limit: number
  /** Codes of our vocabulary, the most frequent first. */
  readonly reasons: readonly string[]
  /** Message ids, texts of strangers. */
  readonly examples: readonly string[]
  readonly before: readonly Before[]
}

/** What a watch says of a trouble; the board adds what was before it. */
export type Finding = Omit<Alert, 'before' | 'endedMs'>

/** Takes alerts from the watches. */
export interface Board {
  raise(finding: Finding): Alert
  end(alert: Alert, atMs: number): void
}
