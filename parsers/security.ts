/**
 * `security` (2.1.26 and later): failed logins to the web interface (Cgi/).
 *
 * All but the page's name and an existing list's is written by the client, also what Mailman takes for its address (`remote=`,
 * from X-Forwarded-For). A form's field may hold newlines, and behind one a perfect record: these records are open, so that it
 * is told as a suspect one.
 */
import { badFormat } from './_bad-format.js'
import { defineParser } from './_contract.js'
import { pattern } from './_template.js'

const failed = { outcome: 'failure', open: false } as const
const failedOpen = { outcome: 'failure', open: true } as const
/** Anybody may ask for a list to be made, of any name. */
const create = { ...failedOpen, constants: { 'process.name': 'create' } } as const

export default defineParser([
  // The last place counts, so that nobody hides an address behind what is typed into the form.
  pattern('login-failed', 'Authorization failed (create): list={listText*}: remote={client}', create),
  pattern('login-failed', 'Authorization failed (create): list={rest}', create),
  pattern('login-failed', 'Authorization failed ({program}): list={list}: remote={client}', failed),
  pattern('login-failed', 'Authorization failed ({program}): user={claimedUser*}: list={list}: remote={client}', failedOpen),
  pattern('login-failed', 'Authorization failed ({program}): user={unfinishedUser}', failedOpen),
  badFormat,
])
