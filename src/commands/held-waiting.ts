/** What `held` knows of one message that waits for a moderator. Its texts come from strangers. */
export interface Waiting {
  readonly mailman: '2.1' | '3'
  /** Lower case, without host. */
  readonly list: string
  /** `name@host`; Mailman 2.1's directory does not tell. */
  readonly fqdn: string | undefined
  /** Mailman 3's name of the list in addresses of its pages: `name.host`. */
  readonly listId: string | undefined
  /** The number that a moderator decides on. */
  readonly id: number
  readonly heldMs: number
  /** Without `<>`. */
  readonly messageId: string | undefined
  readonly sender: string | undefined
  readonly subject: string | undefined
  readonly reasonText: string | undefined
}

/**
 * Of the sender, as far as the logs go: has posted on this list, or on another one of the store; is in no post; is not known
 * (the logs do not tell who it was, or could not be asked).
 */
export type Standing = 'posted-here' | 'posted-elsewhere' | 'stranger' | 'unknown'

export interface Held extends Waiting {
  /** Slugs of `mailman.hold.reason`. */
  readonly reasons: readonly string[]
  readonly standing: Standing
  /** False: of several holds of the same second the logs do not tell which this is; sender and reason are of one of them. */
  readonly isCertain: boolean
}
