/**
 * The configuration as the rest of the program sees it: every default filled in, every path absolute. One YAML file of the same
 * shape makes it (see load.ts), in which every option may be left out. Paths in the file are relative to the file.
 */
import type { AlertsConfig } from './alerts-options.js'

export type * from './alerts-options.js'

export interface Config {
  /** The file it came from, or undefined: all defaults. */
  readonly file: string | undefined
  /** What is odd but no reason to refuse, a sentence each; for `check` and the log at start. */
  readonly warnings: readonly string[]
  readonly host: {
    /**
     * Part of every event's id, so it must stay the same when the machine is replaced. Letters, digits, `.`, `-`, `_`; at most
     * 253 characters. Default: the hostname.
     */
    readonly name: string
  }
  /** Tells two Mailmans on one host apart. Lower-case letters, digits, `.`, `-`, `_`; at most 100. Default: `main`. */
  readonly instance: string
  readonly logs: {
    /** Directories that hold Mailman's logs; they may come into being later. Default: the usual places that exist. */
    readonly directories: readonly string[]
    /** Further file names in these directories that are logs, besides those Mailman is known to write. Default: none. */
    readonly names: readonly string[]
    /** Which Mailman writes them; `auto` looks at names and lines. Default: `auto`. */
    readonly mailman: 'auto' | '2.1' | '3'
    /** IANA name of the zone in which Mailman writes its stamps. Default: the host's. */
    readonly timezone: string
    /**
     * Zones that this host had before, oldest first, and when each ended, so that old logs are read right; in the file
     * `"UTC until 2024-05-01T09:00:00Z"`, exact to a quarter of an hour. Default: none.
     */
    readonly formerTimezones: readonly FormerTimezone[]
    /** Keep the record's own text in `event.original` too, secrets redacted; about half as much again to store. Default: false. */
    readonly keepOriginal: boolean
  }
  /** Absent: events go to the embedded store. */
  readonly elasticsearch: ElasticsearchConfig | undefined
  /** The embedded store. Read by `search` also where events go elsewhere now. */
  readonly local: {
    /** Default: `events.db` in the state directory. */
    readonly file: string
    /** Days after which an event is deleted, 1 to 36500. Default: 90. */
    readonly keepDays: number
    /** The same of single logs, by dataset; in the file by the log’s name: `{ subscribe: 365, smtp-failure: 30 }`. Default: none. */
    readonly keepDaysOf: ReadonlyMap<string, number>
  }
  /** Events as lines of JSON, instead of any store. Absent: no such output. */
  readonly ndjson:
    | {
        /** `-` is standard output. Default: `-`. */
        readonly file: string
      }
    | undefined
  /** What of people is stored, in all fields and texts. */
  readonly privacy: {
    /** Mailboxes; a list's own addresses and message ids stay. `hash` keeps the domain. Default: `keep`. */
    readonly addresses: Protection
    /** People's names. Default: `keep`. */
    readonly names: Protection
    /** Subjects, and what moderators write. Default: `keep`. */
    readonly subjects: Protection
    /** Addresses of web clients and of others, wherever they stand. Default: `keep`. */
    readonly ips: Protection
    /**
     * File that holds the key for `hash`: text of at least 16 characters, closed to group and others, the same for all hosts. A
     * systemd credential `privacy-key` takes its place where there is one.
     */
    readonly keyFile: string | undefined
  }
  /** Prometheus asks for `/metrics`, others for `/healthz`; both over HTTP, without a password. Absent: no port is opened. */
  readonly metrics:
    | {
        /** Address and port; `[::1]:9825` for IPv6. Default: `127.0.0.1:9825`. */
        readonly listen: string
      }
    | undefined
  /** The page of `mailman-shipper web`. `run` serves no page: it may read the logs, and whoever answers browsers need not. */
  readonly web: {
    /** Address and port; `[::1]:8025` for IPv6. There is no password. Default: `127.0.0.1:8025`. */
    readonly listen: string
    /** Absent: nobody gets a link. */
    readonly askMyList: AskMyListConfig | undefined
  }
  readonly alerts: AlertsConfig
  readonly state: {
    /**
     * Checkpoint and set-aside documents. Made 0700 where missing; refused where others could write. Default: systemd's
     * $STATE_DIRECTORY, else /var/lib/mailman-shipper for root, else mailman-shipper below the XDG state directory.
     */
    readonly directory: string
  }
}

/** `hash`: by a keyed hash, the same in every log, so that events can still be told to be of one person. */
export type Protection = 'keep' | 'hash' | 'drop'

export interface FormerTimezone {
  readonly timezone: string
  readonly untilMs: number
}

/** Who runs a list gets a link to its events by mail to the list's owner address. An address of its own: for others to reach. */
export interface AskMyListConfig {
  /** Address and port; not the one of the whole page. Default: `127.0.0.1:8026`. */
  readonly listen: string
  /** As people open it, behind whatever proxy; ends in `/`. https, but for loopback. */
  readonly publicUrl: string
  /**
   * Mail domain of lists → the hosts (`host.name`) of Mailman 2.1 that serve it: its logs name lists without their domain. Mailman
   * 3 names it: `[]`. Links go to no other domain.
   */
  readonly domains: Readonly<Record<string, readonly string[]>>
  /**
   * File that holds the key for links: text of at least 16 characters, closed to group and others. Another key ends all links. A
   * systemd credential `web-link-key` takes its place where there is one.
   */
  readonly keyFile: string | undefined
  /** Believe the last address in `X-Forwarded-For`, which a proxy before it must set. Default: false. */
  readonly trustProxy: boolean
  readonly mail: {
    /** `smtp://` (with STARTTLS, but on loopback) or `smtps://`, host and port. Default: `smtp://127.0.0.1:25`. */
    readonly server: string
    /** Address that the links come from. */
    readonly from: string
    /** PEM file of the authority that signed the server's certificate; TLS then on loopback too. Default: those Node trusts. */
    readonly caFile: string | undefined
    /** With `passwordFile`, over TLS only. */
    readonly username: string | undefined
    /** File that holds the password, closed to group and others. */
    readonly passwordFile: string | undefined
  }
}

export interface ElasticsearchConfig {
  /** URLs without credentials; several are used in turn. Default: `https://localhost:9200`. */
  readonly nodes: readonly string[]
  /**
   * File that holds the API key (its `encoded` form), closed to group and others; may be missing until `setup` made it. A systemd
   * credential `elasticsearch-api-key` takes its place where there is one.
   */
  readonly apiKeyFile: string | undefined
  /** Instead of the API key, with `passwordFile`. */
  readonly username: string | undefined
  /** File that holds the password, closed to group and others. */
  readonly passwordFile: string | undefined
  /** PEM file of the authority that signed the server's certificate. Default: the authorities Node trusts. */
  readonly caFile: string | undefined
  /** Of request bodies. Default: `gzip`. */
  readonly compression: 'gzip' | 'none'
  /** Last part of the data streams' names: lower case, no `-`, at most 100 bytes. Default: `default`. */
  readonly namespace: string
  /** A document about the agent itself each minute, in `metrics-mailman.agent-<namespace>`. Default: true. */
  readonly agentMetrics: boolean
}
