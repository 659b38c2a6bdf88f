/**
 * The part of the table of errors.ts that only a running agent meets: what it says of itself while it goes on, and what a log that
 * cannot be read means. In a file of its own for its length alone; everybody asks errors.ts.
 */
import type { ErrorCode, ErrorEntry } from './errors.js'

export const stateErrors = {
  MLS_STATE_SLOT: {
    exit: 1,
    message: 'One copy of the checkpoint is damaged; the other one is used',
    remedy: 'Nothing now; if it happens again, look for a failing disk.',
  },
  MLS_STATE_CLONED: {
    exit: 1,
    message: 'host.name has changed: what is read again gets new ids',
    remedy: 'If this host is a copy, give it a state directory of its own; if it was renamed, set host.name to the old name.',
  },
  MLS_STATE_MOVED: {
    exit: 3,
    message: 'state.directory cannot be changed while the agent runs',
    remedy: 'Restart the agent: systemctl restart mailman-shipper; with an empty state directory all logs are read again.',
  },
  MLS_STORE_UNPRUNED: {
    exit: 1,
    message: 'Events that are older than local.keepDays cannot be deleted from the embedded store',
    remedy: 'It is tried again every few minutes, and new events are stored meanwhile; free space, or see what holds the file.',
  },
  MLS_AGENT_STUCK: {
    exit: 1,
    message: 'The agent has not looked at the logs for a minute',
    remedy: 'Restart it (systemd’s watchdog does so by itself) and report it as a bug; nothing is lost by that.',
  },
  MLS_AGENT_BEHIND: {
    exit: 1,
    message: 'Events are stored much later than they are written',
    remedy: 'Nothing while old logs are read for the first time; if it lasts, the output takes less than Mailman writes.',
  },
  MLS_AGENT_FIGURES: {
    exit: 1,
    message: 'The agent’s own figures cannot be written to Elasticsearch',
    remedy:
      'If the server is well, run `mailman-shipper setup` again: an older one made no place for them. Shipping goes on, and it is tried again every minute.',
  },
  MLS_ALERTS_UNSAVED: {
    exit: 1,
    message: 'What the detector has learned cannot be saved',
    remedy:
      'Free space in the state directory; after a restart alerts know less until then. Shipping goes on, and it is tried again.',
  },
  MLS_AGENT_HEARTBEAT: {
    exit: 1,
    message: 'The URL of alerts.heartbeat cannot be asked for, so that the other side may tell that this agent is dead',
    remedy:
      'Under systemd its address must be allowed (IPAddressAllow=); else see whether the check still exists there: curl -fsS -m 10 URL. It is tried again; shipping goes on.',
  },
  MLS_ALERTS_UNSENT: {
    exit: 1,
    message: 'Alerts cannot be sent by one of the notifiers',
    remedy: 'See what it says, and try `mailman-shipper alerts test`; it is tried again, and the others are not held up.',
  },
  MLS_ALERTS_BLIND: {
    exit: 1,
    message: 'A guard cannot read what it is to watch',
    remedy: 'Correct alerts.guards, or let the agent’s user read it; the other guards go on.',
  },
  MLS_METRICS_UNSERVED: {
    exit: 1,
    message: 'The metrics cannot be served',
    remedy: 'Name another address and port with metrics.listen; shipping goes on, and it is tried again.',
  },
  MLS_FILE_WAITING: {
    exit: 1,
    message: 'The agent is waiting for a directory that does not exist',
    remedy: 'Nothing, if Mailman is yet to make it; else correct logs.directories.',
  },
  MLS_FILE_HANDLES: {
    exit: 1,
    message: 'No more files can be opened',
    remedy: 'Raise LimitNOFILE in the unit (ulimit -n), or fs.file-max; open files are read on meanwhile.',
  },
  MLS_FILE_DISK: {
    exit: 1,
    message: 'The disk answers with an error where a log is to be read',
    remedy: 'Look for a failing disk or mount (dmesg); it is tried again every few seconds.',
  },
  MLS_FILE_LOST: {
    exit: 1,
    message: 'Bytes of a log went away before they were read',
    remedy: 'Let logrotate use `create` instead of `copytruncate`, and keep rotated files longer than an outage lasts.',
  },
  MLS_FILE_GONE: {
    exit: 1,
    message: 'A log that was followed is gone: what was written to it behind this place was not read',
    remedy: 'If a copy of it is kept somewhere: mailman-shipper backfill FILE.',
  },
  MLS_FILE_HOLE: {
    exit: 1,
    message: 'Zero bytes between lines were passed over: a program does not append to this log',
    remedy: 'No line is missing; after `copytruncate`, have Mailman reopen its logs (mailmanctl reopen).',
  },
  MLS_SETASIDE_NEW: {
    exit: 4,
    message: 'Some documents were refused and set aside',
    remedy: '`mailman-shipper set-aside list` says why: mend that, then `mailman-shipper set-aside retry`.',
  },
} as const satisfies Record<string, ErrorEntry>

/** What the system's (or zlib's) code for a log file means to an operator. */
export function fileErrorOf(systemCode: string): ErrorCode {
  if (systemCode === 'Z_NO_LINES') return 'MLS_FILE_NO_LINES'
  if (systemCode.startsWith('Z_')) return 'MLS_FILE_DAMAGED'
  if (systemCode === 'ENOENT') return 'MLS_FILE_WAITING'
  if (systemCode === 'EMFILE' || systemCode === 'ENFILE') return 'MLS_FILE_HANDLES'
  return systemCode === 'EIO' ? 'MLS_FILE_DISK' : 'MLS_FILE_UNREADABLE'
}
