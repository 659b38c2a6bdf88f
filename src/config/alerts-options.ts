/** The section `alerts` as the rest of the program sees it: every default filled in, every path absolute. */

/** The least severity that goes to a notifier. */
export type LeastSeverity = 'info' | 'warning' | 'critical'

export interface AlertsConfig {
  /** False: nothing is weighed, told or stored. Default: true. */
  readonly enabled: boolean
  /** Absent: no mail. */
  readonly mail: AlertMailConfig | undefined
  /** Default: none. */
  readonly webhooks: readonly WebhookConfig[]
  /** Absent: none. */
  readonly command: AlertCommandConfig | undefined
  /** Lines of the agent's own log, with the priority that systemd's journal knows. Absent: none. */
  readonly journal: { /** Default: `info`. */ readonly least: LeastSeverity } | undefined
  /** Minutes after which a critical alert that nobody acknowledged is said again, 5 to 1440. Default: 30. */
  readonly repeatMinutes: number
  /** `22:00-07:00`, in `logs.timezone`: what is not critical waits for their end. Default: none. */
  readonly quietHours: HourSpan | undefined
  /** `Sun 17:00-19:00`, in `logs.timezone`: nothing is sent; what is critical and lasts is said at the end. Default: none. */
  readonly maintenance: readonly WeeklySpan[]
  /** Where people read what to do; `{kind}` in it is replaced. Default: the file docs/runbook.md of this version. */
  readonly runbookUrl: string | undefined
  /** Kibana, Grafana…: where people look. Default: none. */
  readonly dashboardUrl: string | undefined
  /** The page (`mailman-shipper web`) as people open it, behind whatever proxy; ends in `/`. Default: none. */
  readonly pageUrl: string | undefined
  /** A URL that is asked for regularly, and whose owner tells somebody when it is not. Absent: none. */
  readonly heartbeat: HeartbeatConfig | undefined
  readonly guards: GuardsConfig
}

/** Minutes of the day; where `to` is not after `from` it ends on the next day. */
export interface HourSpan {
  readonly fromMinute: number
  readonly toMinute: number
}

export interface WeeklySpan extends HourSpan {
  /** Of the day on which it begins, 1 Monday … 7 Sunday (ISO 8601); undefined: every day. */
  readonly weekday: number | undefined
}

export interface AlertMailConfig {
  /** `smtp://` (with STARTTLS, but on loopback) or `smtps://`, tried in this order. Default: `[smtp://127.0.0.1:25]`. */
  readonly servers: readonly string[]
  readonly from: string
  readonly to: readonly string[]
  /** PEM file of the authority that signed the servers' certificates; TLS then on loopback too. Default: those Node trusts. */
  readonly caFile: string | undefined
  /** With `passwordFile`, over TLS only. */
  readonly username: string | undefined
  /** File that holds the password, closed to group and others. A systemd credential `alerts-mail-password` takes its place. */
  readonly passwordFile: string | undefined
  /** Default: `warning`. */
  readonly least: LeastSeverity
}

export type WebhookShape = 'json' | 'slack' | 'mattermost' | 'alertmanager' | 'pagerduty'

export interface WebhookConfig {
  /** For the log and `alerts test`: letters, digits, hyphens. Default: its shape and place, `slack-1`. */
  readonly name: string
  /** One of both. A URL that is a secret itself (Slack, Mattermost) stands in a file, closed to group and others. */
  readonly url: string | undefined
  readonly urlFile: string | undefined
  /** Default: `json`, as in docs/alert.schema.json. */
  readonly shape: WebhookShape
  /** File, closed to group and others, with a bearer token, or PagerDuty's routing key. */
  readonly keyFile: string | undefined
  /** PEM file of the authority that signed the server's certificate. */
  readonly caFile: string | undefined
  /** Default: `warning`. */
  readonly least: LeastSeverity
}

export interface AlertCommandConfig {
  /** Program (absolute path) and its arguments; the alert comes as JSON on standard input. No shell. */
  readonly run: readonly [string, ...string[]]
  /** Default: `warning`. */
  readonly least: LeastSeverity
}

export interface HeartbeatConfig {
  /** One of both. */
  readonly url: string | undefined
  readonly urlFile: string | undefined
  /** 1 to 60. Default: 1. */
  readonly everyMinutes: number
}

/** Each is off where it is absent: they read beside the logs, names and times, and contents only to hash them. */
export interface GuardsConfig {
  readonly queues:
    | {
        /** Mailman's queue directory or directories: `/var/lib/mailman/qfiles` (2.1), `/var/lib/mailman3/queue` (3). */
        readonly directories: readonly string[]
        /** Age of the oldest file of a queue, 5 to 1440. Default: 30. */
        readonly afterMinutes: number
      }
    | undefined
  readonly configuration:
    | {
        /** `mm_cfg.py`, `Defaults.py`, `mailman.cfg`…; a directory stands for the files below it. */
        readonly files: readonly string[]
        /** How long a change may wait for a restart, 0 to 720. Default: 24. */
        readonly afterHours: number
      }
    | undefined
  readonly archives:
    | {
        /** That of the mbox files: `/var/lib/mailman/archives/private`. */
        readonly directories: readonly string[]
      }
    | undefined
  readonly held:
    | {
        /** Where 2.1 keeps `heldmsg-LIST-N.pck`: `/var/lib/mailman/data`. */
        readonly directories: readonly string[]
        /** 1 to 365. Default: 7. */
        readonly afterDays: number
      }
    | undefined
}
