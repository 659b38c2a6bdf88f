/** Who sees all events as they are read, beside their delivery. */
import type { LogEvent } from './model.js'
import type { Stream } from './stream.js'

export interface Observer {
  /** Events of one log, in their order; again after a restart, where they were not settled before it. */
  see(stream: Stream, events: readonly LogEvent[]): void
  /** What was seen may be thought over. @param unread the logs of which more is to be read at once */
  flow(unread: () => ReadonlySet<string>): void
  /** Whether a log should wait for others that are behind it in time. */
  readonly isAhead: (log: string) => boolean
}

export const nobody: Observer = { see: () => {}, flow: () => {}, isAhead: () => false }
