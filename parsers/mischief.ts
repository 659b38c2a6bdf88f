/**
 * `mischief`: what people try with the web interface (Cgi/, Utils.py, CSRFcheck.py, MailList.py).
 *
 * Names, paths and addresses are what was typed or sent, the client's address what it says itself (X-Forwarded-For). What comes
 * from a form may hold newlines, so these records are open.
 */
import { badFormat } from './_bad-format.js'
import { defineParser } from './_contract.js'
import { pattern } from './_template.js'

const open = { open: true } as const
const closed = { open: false } as const

export default defineParser([
  pattern('web-request-hostile', 'Hostile listname: listname={requestedList*}: remote={client}', open),
  pattern('web-request-hostile', 'Hostile listname: listname={rest}'), // the first line of one with a newline
  pattern('web-request-hostile', 'Hostile listname: {requestedList}'), // before 2.1.26
  pattern('web-request-hostile', 'Private archive hostile path: {hostilePath}'),

  // From 2.1.29 on `security` has it as well.
  pattern('login-failed', 'Login failure with private rosters: {claimedUser*} from {client}', { outcome: 'failure', open: true }),
  pattern('login-failed', 'Login failure with private rosters: {claimedUser}', { outcome: 'failure' }), // before 2.1.20
  pattern('account-probe', 'Unsub attempt of non-member w/ private rosters: {claimedUser}'),
  pattern('account-probe', 'Reminder attempt of non-member w/ private rosters: {claimedUser}'),

  // The address is the list's own, so it is exactly that.
  pattern('subscription-refused', 'Attempt to self subscribe {list}: {client}', closed),
  pattern('subscription-refused', 'Attempt to self subscribe {list}:\n\tfrom Web site {client}', closed), // 2.0
  pattern('subscription-refused', 'Attempt to self subscribe {list}:\n\tfrom {client}', closed), // 2.0
  pattern('list-delete-refused', 'Attempt to sneakily delete a list: {list}'),

  // CSRFcheck.py, 2.1.36 to 2.1.38 and later. A token is of one's own making, and may name anybody.
  pattern('csrf-detected', 'admin form submitted with CSRF token issued for {tokenOwner}.', {
    ...open,
    constants: { 'process.name': 'admin' },
  }),
  pattern('csrf-detected', 'admindb form submitted with CSRF token issued for {tokenOwner}.', {
    ...open,
    constants: { 'process.name': 'admindb' },
  }),
  pattern('csrf-detected', 'Form for user {claimedUser*} submitted with CSRF token issued for {tokenOwner}.', open),

  // The event is of the list that was attacked.
  pattern('invitation-misused', '{memberWord} was invited to {invitingList} but confirmed to {list}'),
  badFormat,
])
