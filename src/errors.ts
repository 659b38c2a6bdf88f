/**
 * Every trouble an operator can meet: one stable code, one sentence, what to do now. Messages never hold a document, an
 * address of a log line or a secret. A retired code is listed in `retired` and never used again.
 */
import { stateErrors } from './state-errors.js'
import { unitErrors } from './unit-errors.js'

export { fileErrorOf } from './state-errors.js'

export interface ErrorEntry {
  /** Exit code of a command that stops for it; see `exitCodes`. */
  readonly exit: number
  readonly message: string
  readonly remedy: string
}

/** 0 done · 1 a bug, or the work could not be done · 2 usage or configuration · 3 refused start · 4 output cannot take events */
export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3, output: 4 } as const

const table = {
  MLS_CONFIG_INVALID: {
    exit: 2,
    message: 'The configuration is not valid',
    remedy: 'Correct the named lines; `mailman-shipper check` shows them all.',
  },
  MLS_USAGE_INVALID: {
    exit: 2,
    message: 'An option on the command line is not valid',
    remedy: 'See the command with --help.',
  },
  MLS_CONFIG_UNREADABLE: {
    exit: 2,
    message: 'The configuration file cannot be read',
    remedy: 'Check the path given with --config and its permissions.',
  },
  MLS_CONFIG_SECRET: {
    exit: 2,
    message: 'A file that holds a secret cannot be used',
    remedy: 'It must be readable by this user and closed to group and others: chmod 600.',
  },
  MLS_PRIVACY_KEY: {
    exit: 2,
    message: 'The key for `privacy: hash` cannot be used',
    remedy:
      'Make one, for the user of the agent alone: (umask 077; openssl rand -hex 32 > FILE), and name it as privacy.keyFile; all hosts use the same key.',
  },
  MLS_STATE_UNSAFE: {
    exit: 3,
    message: 'The state directory is not safe to use',
    remedy: 'It must be a directory of this user that group and others cannot write: chmod 700.',
  },
  MLS_STATE_UNREADABLE: {
    exit: 1,
    message: 'The state directory cannot be read',
    remedy: 'Ask as root, or as the user of the agent where the configuration names state.directory.',
  },
  MLS_STATE_LOCKED: {
    exit: 3,
    message: 'Another mailman-shipper uses this state directory',
    remedy: 'Stop the other one, or give this one its own state.directory.',
  },
  MLS_STATE_NEWER: {
    exit: 3,
    message: 'The checkpoint was written by a newer version',
    remedy: 'Install that version again, or move the state directory away: events already stored are not stored twice.',
  },
  MLS_STATE_DAMAGED: {
    exit: 1,
    message: 'Both copies of the checkpoint are damaged; all logs are read again from their beginning',
    remedy: 'Nothing: events already stored keep their ids and are not stored twice. Look for a failing disk.',
  },
  MLS_STATE_UNWRITABLE: {
    exit: 1,
    message: 'The checkpoint cannot be written',
    remedy: 'Free space, or mend the permissions of the state directory; shipping goes on meanwhile.',
  },
  MLS_FILE_UNREADABLE: {
    exit: 1,
    message: 'A log file cannot be read',
    remedy: 'Give the agent the group that may read Mailman’s logs (`list` on Debian, `mailman` elsewhere).',
  },
  MLS_FILE_MISSING: {
    exit: 2,
    message: 'A file named on the command line does not exist or cannot be read',
    remedy: 'Check the path and its permissions.',
  },
  MLS_FILE_NAME: {
    exit: 2,
    message: 'A file has not the name of a Mailman log',
    remedy: 'Say which log it is with --log; names of your own can be listed in logs.names.',
  },
  MLS_FILE_DAMAGED: {
    exit: 1,
    message: 'A compressed log file is damaged or not whole',
    remedy: 'What stands before the damage has been read; get the file again from where it came.',
  },
  MLS_FILE_NO_LINES: {
    exit: 1,
    message: 'A compressed log file unpacks to more than 4 GiB in which there is no line; the rest of it is given up',
    remedy: 'See what it is. If it is a log, unpack it in its place (gunzip): a plain file is read whatever it holds.',
  },
  MLS_FILES_NONE: {
    exit: 1,
    message: 'No Mailman log was found',
    remedy: 'Name the directories in `logs.directories`.',
  },
  MLS_OUTPUT_UNREACHABLE: {
    exit: 4,
    message: 'Elasticsearch cannot be reached',
    remedy: 'Check elasticsearch.nodes, the network and the server; nothing is lost meanwhile, the agent retries.',
  },
  MLS_OUTPUT_TIMEOUT: {
    exit: 4,
    message: 'Elasticsearch did not answer in time',
    remedy:
      'Check the load of the cluster, any proxy before it, and that the unit lets it be reached (check --unit); the agent retries.',
  },
  MLS_OUTPUT_TLS: {
    exit: 4,
    message: 'The TLS connection to Elasticsearch is refused',
    remedy: 'Check elasticsearch.caFile, the name in elasticsearch.nodes and the dates of the certificate.',
  },
  MLS_OUTPUT_AUTH: {
    exit: 4,
    message: 'Elasticsearch does not accept the key or password',
    remedy:
      'Make a new writer key with `mailman-shipper setup`, or check elasticsearch.apiKeyFile; the file is read again at each retry.',
  },
  MLS_OUTPUT_FORBIDDEN: {
    exit: 4,
    message: 'The key may not write here',
    remedy: 'Make a writer key with `mailman-shipper setup`: it needs create_doc and auto_configure on logs-mailman.*.',
  },
  MLS_OUTPUT_TEMPLATE: {
    exit: 4,
    message: 'The index template `logs-mailman` is missing',
    remedy: 'Run `mailman-shipper setup` once with an administrator’s credentials.',
  },
  MLS_OUTPUT_BUSY: {
    exit: 4,
    message: 'Elasticsearch is busy and asks to wait',
    remedy: 'Nothing at first; if it lasts, give the cluster more room.',
  },
  MLS_OUTPUT_READONLY: {
    exit: 4,
    message: 'Elasticsearch refuses writes: an index is read-only, mostly because a disk is full',
    remedy: 'Free disk space on the cluster, or lift the block; the agent goes on by itself then.',
  },
  MLS_OUTPUT_TOO_LARGE: {
    exit: 4,
    message: 'A request was larger than Elasticsearch, or a proxy before it, takes',
    remedy: 'Nothing: the agent sends smaller requests.',
  },
  MLS_OUTPUT_NOT_ELASTICSEARCH: {
    exit: 4,
    message: 'What answers is not Elasticsearch, or something between changes its answers',
    remedy: 'Check elasticsearch.nodes and any proxy or login page before it.',
  },
  MLS_OUTPUT_VERSION: {
    exit: 4,
    message: 'This version of Elasticsearch is too old',
    remedy: 'Elasticsearch 8.19 and 9 are supported.',
  },
  MLS_OUTPUT_SERVER: {
    exit: 4,
    message: 'Elasticsearch answered with an error',
    remedy: 'See the server’s log; the agent retries.',
  },
  MLS_STORE_UNWRITABLE: {
    exit: 4,
    message: 'The embedded store cannot be written',
    remedy: 'Free space, or mend the permissions of local.file; the agent retries.',
  },
  MLS_STORE_MISSING: {
    exit: 1,
    message: 'There is no embedded store yet',
    remedy: 'Start the agent first, or name the store with local.file.',
  },
  MLS_STORE_UNREADABLE: {
    exit: 1,
    message: 'The embedded store cannot be read',
    remedy: 'Check the permissions of local.file, and that it was written by this version of mailman-shipper.',
  },
  MLS_SEARCH_FORBIDDEN: {
    exit: 4,
    message: 'This key or user may not read the events',
    remedy:
      'The agent’s key only writes. Name a reader (role mailman-admins) in ~/.config/mailman-shipper/config.yaml, as elasticsearch.username or apiKeyFile.',
  },
  MLS_HELD_UNREADABLE: {
    exit: 1,
    message: 'Mailman’s data directory cannot be read',
    remedy: 'Ask as root, or as a member of Mailman’s group (`list` on Debian, `mailman` elsewhere).',
  },
  MLS_HELD_REST: {
    exit: 1,
    message: 'Mailman’s REST API does not answer as it should',
    remedy: 'Check --rest, --rest-user and the password against [webservice] in mailman.cfg, and that Mailman runs.',
  },
  MLS_ERASE_FORBIDDEN: {
    exit: 4,
    message: 'This account may not delete events',
    remedy:
      'Elasticsearch: name an account with `read` and `delete` on logs-mailman.* by --user and --password-file. Embedded store: erase as root, or as the user of the agent.',
  },
  MLS_WEB_LINK_KEY: {
    exit: 2,
    message: 'The key for links to lists cannot be used',
    remedy:
      'Make one, for the user of `web` alone: (umask 077; openssl rand -hex 32 > FILE), and name it as web.askMyList.keyFile. Another key ends all links.',
  },
  MLS_WEB_QUERY: {
    exit: 2,
    message: 'The page cannot be asked so',
    remedy: 'Begin again at the start of the page.',
  },
  MLS_WEB_SLOW: {
    exit: 1,
    message: 'The store takes too long to answer this',
    remedy: 'Narrow the time, or choose a list or a kind of event.',
  },
  MLS_WEB_UNSERVED: {
    exit: 1,
    message: 'The page cannot be served at this address',
    remedy: 'Another program may have the port: name another one with --listen or web.listen.',
  },
  MLS_ALERT_UNSENT: {
    exit: 1,
    message: 'Somebody cannot be told of an alert',
    remedy: 'Try it: `mailman-shipper alerts test`. It is sent again until it goes through.',
  },
  MLS_NDJSON_UNWRITABLE: {
    exit: 4,
    message: 'The NDJSON output cannot be written',
    remedy: 'Check ndjson.file, its directory and the space left.',
  },
  MLS_SETASIDE_FULL: {
    exit: 4,
    message: 'No more refused documents can be set aside',
    remedy:
      '`mailman-shipper set-aside list` says why they are refused: mend that (or free space), then `mailman-shipper set-aside retry`; the agent goes on by itself.',
  },
  MLS_KIBANA_UNREACHABLE: {
    exit: 4,
    message: 'Kibana cannot be reached',
    remedy: 'Check the address given with --kibana and, for https, --kibana-ca-file; then repeat setup: what is done stays.',
  },
  MLS_KIBANA_ANSWER: {
    exit: 4,
    message: 'What answers is not Kibana, or not to this account',
    remedy:
      'Check --kibana: the path that Kibana is served below belongs to it; a proxy or login page before it must let setup through.',
  },
  MLS_KIBANA_VERSION: {
    exit: 4,
    message: 'This version of Kibana is too old',
    remedy: 'Kibana 8.9 and later take the dashboards; without them, Discover shows the data streams.',
  },
  MLS_SETUP_PRIVILEGE: {
    exit: 4,
    message: 'The credentials lack a privilege that setup needs',
    remedy: 'Use an account with the named privileges, or hand the output of `setup --print` to an administrator.',
  },
  MLS_SETUP_FAILED: {
    exit: 4,
    message: 'Setup could not be finished',
    remedy: 'See the step that failed; setup can be repeated.',
  },
  ...stateErrors,
  ...unitErrors,
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof table

export const errors: Readonly<Record<ErrorCode, ErrorEntry>> = table

/** A refused start or an impossible request. Everything an operator reads of it is made here. */
export class ShipperError extends Error {
  readonly code: ErrorCode
  readonly detail: string

  /** @param detail what exactly: a path, an option, a server's short reason. Never a document or a secret. */
  constructor(code: ErrorCode, detail = '') {
    super(detail === '' ? `${errors[code].message}.` : `${errors[code].message}: ${detail}`)
    this.name = 'ShipperError'
    this.code = code
    this.detail = detail
  }

  get exit(): number {
    return errors[this.code].exit
  }

  get remedy(): string {
    return errors[this.code].remedy
  }
}
