/** What is told: one alert is one trouble, from its beginning to its end. Its words hold counts and names of lists, never an address. */
import { createHash } from 'node:crypto'

/** What the detector finds in the logs. */
export type LogKind =
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
  | 'delivery-slow'

/** What guards find on the host, and the agent of itself. */
export type GuardKind =
  | 'queue-stuck'
  | 'archive-stopped'
  | 'archive-changed'
  | 'held-too-long'
  | 'config-not-loaded'
  | 'agent-stuck'

export type AlertKind = LogKind | GuardKind

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
  /** The same for the same trouble, also after a restart: 10 hexadecimal digits. */
  readonly key: string
  readonly kind: AlertKind
  readonly severity: Severity
  /** Null: of the whole host. */
  readonly list: string | null
  /** What else it is about, where the kind does not say it: a runner, a queue, a file. */
  readonly about: string | null
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
  before: readonly Before[]
  /** A sentence with its figures, where the numbers above do not say it; without a full stop. */
  words?: string
}

/** What a watch says of a trouble; the board adds what was before it. */
export type Finding = Omit<Alert, 'key' | 'about' | 'before' | 'endedMs'> & { readonly about?: string }

export function keyOf({ kind, severity, list, about, sinceMs }: Finding): string {
  const text = JSON.stringify([kind, severity, list, about ?? null, sinceMs])
  return createHash('sha256').update(text).digest('hex').slice(0, 10)
}

/** Takes what guards see, each time they look. */
export interface GuardBoard {
  /** There is trouble, still or anew. What has the same kind, list and `about` is the same alert, whose beginning and figures stay. */
  stands(finding: Finding): void
  /** There is none; where there was, it ends. */
  over(kind: GuardKind, about: string | undefined, list: string | null, atMs: number): void
}

/** Takes alerts from the watches. */
export interface Board {
  raise(finding: Finding): Alert
  end(alert: Alert, atMs: number): void
}

/** For what is about a state, and no messages are counted. */
export const nothingCounted = {
  count: 0,
  held: 0,
  lists: 0,
  senders: 0,
  usual: 0,
  evidence: 1,
  limit: 1,
  reasons: [],
  examples: [],
} as const satisfies Partial<Finding>
