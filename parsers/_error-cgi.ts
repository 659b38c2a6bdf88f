/** The part of `error` that web pages write. What was asked for is a stranger's text. */
import { pattern } from './_template.js'

const closed = { open: false } as const

export const cgiPatterns = [
  // scripts/driver: traceback, Python and environment, over some sixty lines.
  pattern('web-request-crashed', '@@@@@@@@@@{crash}'),

  // Some of these templates end in a newline.
  pattern('list-missing', '{program}: No such list "{listText*}": {error}'),
  pattern('list-missing', 'No such list "{listText*}": {error}'), // before 2.1.18
  pattern('list-missing', '{program}: no such list "{listText*}": {error}'),
  pattern('list-missing', '{program}.py access for non-existent list: {listText}', closed), // before 2.1.18,

  pattern('web-request-invalid', 'Warning: Possible malformed path attack domain={domain} remote={client}', closed),
  pattern('web-request-invalid', 'Warning: Possible malformed path attack.'), // before 2.1.21
  pattern('web-request-invalid', 'Private archive file not found: {path}', closed),
  pattern('web-request-invalid', 'Bad URL specification: {rest}', closed),
]
