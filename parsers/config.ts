/** `config`: lines of a list's `bounce_matching_headers` that Mailman cannot use, once for each message (MailList.py). */
import { badFormat } from './_bad-format.js'
import { defineParser } from './_contract.js'
import { pattern } from './_template.js'

const constants = { 'mailman.setting.name': 'bounce_matching_headers' } as const
const open = { constants, open: true } as const

export default defineParser([
  pattern('config-error', 'bad bounce_matching_header line: {list}\n{settingValue}', open),
  pattern('config-error', 'bad bounce_matching_header line: {list}', open),
  // An empty line stands between.
  pattern('config-error', 'bad regexp in bounce_matching_header line: {list}\n\n{settingValue*} (cause: {error})', open),
  pattern('config-error', 'bad regexp in bounce_matching_header line: {list}\n\n{settingValue}', open),
  pattern('config-error', 'bad regexp in bounce_matching_header line: {list}\n', open),
  pattern('config-error', 'bad regexp in bounce_matching_header line: {list}', open),
  badFormat,
])
