/** The part of `error` that says that a setting of a list or of the site is wrong, or that a list's configuration cannot be read. */
import type { FieldName } from './_fields.js'
import { pattern } from './_template.js'

const closed = { open: false } as const
const of = (name: string): { constants: Partial<Record<FieldName, string>>; open: false } => ({
  constants: { 'mailman.setting.name': name },
  open: false,
})

export const configPatterns = [
  pattern('config-error', '{setting} in {list} has bad regexp "{settingValue*}": {error}', closed),
  pattern('config-error', '{setting} in {list} references own list'),
  pattern('config-error', '{setting} in {list} references non-existent list {settingValue}', closed),
  pattern('config-error', 'ignoring header_filter_rules invalid pattern: {settingValue}', {
    constants: { 'mailman.setting.name': 'header_filter_rules' },
  }),
  pattern('config-error', 'Bad topic "{settingValue*}" for list: {list}', of('topics')),
  pattern('config-error', 'Bad topic pattern "{settingValue*}" for list: {list}', of('topics')),
  pattern('config-error', 'Bad reply_to_address "{settingValue*}" cleared for list: {list}', of('reply_to_address')),
  pattern(
    'config-error',
    'ANONYMOUS_LIST_KEEP_HEADERS: ignored bad regexp {settingValue}: {error}',
    of('ANONYMOUS_LIST_KEEP_HEADERS'),
  ),
  pattern('config-error', "VERP_REGEXP doesn't yield the right match groups: {settingValue}", of('VERP_REGEXP')),
  pattern('config-error', "VERP_PROBE_REGEXP doesn't yield the right match groups: {settingValue}", of('VERP_PROBE_REGEXP')),
  pattern('config-error', 'Include list {settingValue} is a self reference.', of('regular_include_lists')),
  pattern('config-error', 'Include list {settingValue} not found.', of('regular_include_lists')),
  pattern('config-error', 'Include list {settingValue} is not in the same domain.', of('regular_include_lists')),
  pattern('config-error', 'Exclude list {settingValue} is a self reference.', of('regular_exclude_lists')),
  pattern('config-error', 'Exclude list {settingValue} not found.', of('regular_exclude_lists')),
  pattern('config-error', 'Exclude list {settingValue} is not in the same domain.', of('regular_exclude_lists')),
  pattern('config-error', 'Bouncer: {list}: Include list self reference', of('regular_include_lists')),
  pattern('config-error', 'Bouncer: {list}: Include list "{settingValue}" not found.', of('regular_include_lists')),
  // The text itself follows, over any number of lines.
  pattern('config-error', 'Bad autoreply text for list: {list}\n{settingValue}'),
  pattern('config-error', 'Bad autoreply text for list: {list}', { open: true }),
  pattern('template-error', 'broken template: {path}\n{error}'),
  pattern('template-error', 'broken template: {path}'),
  pattern('config-error', 'Site list is missing: {listText}', closed),
  pattern('config-error', 'IOError reading list extension: {error}'),

  pattern('list-config-corrupt', "couldn't load config file {listFile}\n{error}"),
  pattern('list-config-corrupt', "couldn't load config file {listFile}"),
  pattern('list-config-corrupt', 'fixing corrupt config file, using: {listFile}', closed),
  pattern('list-config-corrupt', 'All {list} fallbacks were corrupt, giving up'),
  pattern('list-config-corrupt', 'Failed config.pck write, retaining old state.\n{error}'),
  pattern('list-config-corrupt', 'Failed config.pck write, retaining old state.', { open: true }),
  pattern('list-config-corrupt', 'request.db file corrupt for list {list}, blowing it away.'), // before 2.1.5
  pattern('list-config-corrupt', "VERY BAD NEWS.  Unknown pending request type `{rest}' found for list: {list}"),
]
