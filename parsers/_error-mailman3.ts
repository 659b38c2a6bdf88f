/**
 * Mailman 3's logger `error` (core/runner.py, app/workflow.py, rules/, handlers/…). `log.exception` writes its text and the
 * traceback as one record.
 */
import type { ActionName } from './_actions.js'
import { inLog, type Pattern } from './_contract.js'
import type { FieldName } from './_fields.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const closed = { open: false } as const
const open = { open: true } as const
const of = (name: string): { constants: Partial<Record<FieldName, string>>; open: false } => ({
  constants: { 'mailman.setting.name': name },
  open: false,
})
const BEHIND = `\n${TRACEBACK}\n{onlyTraceback}`

/** `log.exception`; the text stands alone where the traceback was cut off. */
export const exception = (action: ActionName, text: string, constants: Partial<Record<FieldName, string>> = {}): Pattern[] => [
  pattern(action, `${text}${BEHIND}`, { constants }),
  pattern(action, text, { constants, open: true }),
]

/** They come before what would take them for something else: 2.1's templates, or that of any exception. */
export const specific: readonly Pattern[] = inLog('error', [
  // Not an error: a runner that is told to stop raises this in its own work.
  pattern('runner-interrupted', `Uncaught runner exception: \n${TRACEBACK}\n{interruption}`),
  pattern('runner-interrupted', `${TRACEBACK}\n{interruption}`),
  pattern('queue-file-preserved', 'Unpickling .bak exception: {error*}\nPreserving file: {queueFile}', open),
  pattern('queue-error', `Failed to unlink/preserve backup file: {path}${BEHIND}`),
])

export const mailman3: readonly Pattern[] = inLog('error', [
  ...specific,
  pattern('error-raised', `Uncaught runner exception: {error}\n${TRACEBACK}\n{traceback}`),
  pattern('error-raised', 'Uncaught runner exception: {error}', { joins: text => text.startsWith(TRACEBACK), open: true }),
  pattern('error-raised', `${TRACEBACK}\n{onlyTraceback}`),
  pattern('error-raised', TRACEBACK, open),
  pattern('subscription-banned', `deque: {rest}\n${TRACEBACK}\n{ban}`),
  pattern('subscription-refused', `deque: {rest}\n${TRACEBACK}\n{refusal}`),
  pattern('error-raised', `deque: {rest}${BEHIND}`),
  pattern('error-raised', 'deque: {rest}', open),

  pattern('message-shunted', 'SHUNTING: {queueFile}'),
  pattern('message-shunt-failed', 'SHUNTING FAILED, preserving original entry: {queueFile}'),
  pattern('message-unparseable', 'Skipping and preserving unparseable message: {queueFile}'),
  pattern('queue-file-preserved', '.bak file max count, preserving file: {queueFile}'),
  ...exception('lmtp-error', 'LMTP message parsing'),

  // chains/headers.py says it for each message.
  pattern(
    'config-error',
    'Configuration error: [antispam]header_checks contains bogus line: {settingValue}',
    of('header_checks'),
  ),
  pattern('config-error', "Invalid regexp '{settingValue*}' in header_matches for {listId}: {error}", of('header_matches')),
  pattern('config-error', "Invalid regexp '{settingValue*}' in {setting} for {listId}: {error}", closed),
  pattern('config-error', "Bad at_list '{settingValue*}' in {setting} for {listId}: {error}", closed),
  pattern(
    'config-error',
    'Ignored bad anonymous_list_keep_headers regexp {settingValue*}: {error}',
    of('anonymous_list_keep_headers'),
  ),
  pattern('config-error', 'bad bounce_matching_header line: {listDisplayName}\n{settingValue}', of('bounce_matching_headers')),
  pattern(
    'config-error',
    'bad regexp in bounce_matching_header line: {listDisplayName}\n\n{settingValue*} (cause: {error})',
    of('bounce_matching_headers'),
  ),
  pattern('config-error', '{list} invalid FilterAction: {settingValue}.  Treating as discard', of('filter_action')),
  pattern('config-error', 'Invalid DMARC combination for list: <mailing list "{list}" at {rest}>', of('dmarc_mitigate_action')),
  pattern('config-error', 'Bad VERP pattern: {settingValue}', closed),
  pattern('config-error', 'Bad config.mailman.listname_chars setting: {settingValue*}: {error}', of('listname_chars')),
  ...exception('config-error', 'Bad [nntp]port value: {settingValue}', { 'mailman.setting.name': 'port' }),
  pattern('config-error', 'Ignoring odd [nntp]rewrite_duplicate_headers: {settingValue}', of('rewrite_duplicate_headers')),
  // utilities/importer.py, of a list of 2.1.
  pattern('config-error', 'Unsupported header_filter_rules action: {settingValue}', of('header_filter_rules')),
  pattern('config-error', 'Unsupported header_filter_rules pattern: {settingValue}', of('header_filter_rules')),
  pattern('config-error', 'Cannot parse the header in header_filter_rule: {settingValue}', of('header_filter_rules')),
  pattern(
    'config-error',
    'Skipping header_filter rule because of an invalid regular expression: {settingValue}',
    of('header_filter_rules'),
  ),
  pattern('config-error', 'Skipping duplicate header_filter rule: {settingValue}', of('header_filter_rules')),

  pattern('dns-lookup-failed', 'DNSException: No Nameservers available for {sender} (_dmarc.{dmarcDomain}).'),
  pattern('dns-lookup-failed', 'DNSException: Unable to query DMARC policy for {sender} (_dmarc.{dmarcDomain}). {error}'),
  pattern('dns-lookup-failed', 'Unable to retrieve public suffix list from {url}: {error}'),
  pattern('dns-lookup-failed', 'RRset of TXT records for _dmarc.{dmarcDomain} has {rest} v=DMARC1 entries;{rest}', open),

  pattern('smtp-connect-failed', 'Cannot connect to SMTP server {server} on port {port}', { outcome: 'failure' }),
  pattern('smtp-connect-failed', 'Cannot connect to SMTP server {server} on port smtp', { outcome: 'failure' }),
  pattern('mta-map-failed', 'command failure: {rest*}, {exitCode}, {error}', { outcome: 'failure' }),
  pattern('usenet-error', 'gatenews failed. status: {exitCode}\nmessage: {errorBytes}'),
  pattern('nntp-error', 'NNTP gateway improperly configured: {error}', closed),

  pattern('handler-error', 'Header {rest} contains a newline, truncating it.', {
    constants: { 'mailman.handler': 'cook-headers' },
  }),
  ...exception('handler-error', 'HTML -> text/plain command error', { 'mailman.handler': 'mime-delete' }),
  ...exception('handler-error', 'Failed to sign message: {messageId}', { 'mailman.handler': 'arc-sign' }),
  pattern('archive-error', 'Unable to acquire prototype archiver lock for {list}, discarding: {messageId}'),

  // The message id is its sender's.
  pattern('list-missing', '{messageId*} runner "{runner}" shunting message for missing list: {listId}', open),
  pattern('queue-file-preserved', '{messageId*} preserved in file base {queueFile}', {
    ...open,
    constants: { 'mailman.handler': 'mime-delete' },
  }),
  ...exception('nntp-error', '{messageId} NNTP error for {list}'),
  ...exception('nntp-error', '{messageId} NNTP socket error for {list}'),
  ...exception('nntp-error', '{messageId} NNTP unexpected exception for {list}'),
])
