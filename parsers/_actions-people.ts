/** What happens to memberships, and what people do to the web interface. */
import { type Action, denied, error, login, member, web } from './_action.js'

export const peopleActions = {
  'subscription-pending': member(
    'Somebody asked to join and must confirm.',
    'MailList.py; –',
    'Nothing; many at once, for strange names, are robots.',
  ),
  'subscription-held': member(
    'A request to join waits for a moderator.',
    'ListAdmin.py; 3: app/subscriptions.py',
    'Decide on it in the list’s moderation queue.',
  ),
  'subscription-approved': member('A request to join was let through by a rule.', 'MailList.py; –', 'Nothing.'),
  'subscription-discarded': member('A request to join was thrown away.', 'ListAdmin.py; –', 'Nothing.'),
  'subscription-rejected': member('A request to join was refused with a reason.', 'ListAdmin.py; –', 'Nothing.'),
  'subscription-refused': denied(
    'Mailman would not take a request to join: a member already, banned, or the list itself.',
    'Cgi/subscribe.py; 3: app/workflow.py',
    'Nothing; if a person complains, look for a ban.',
  ),
  'subscription-banned': denied(
    'A banned address tried to join.',
    'MailList.py; 3: app/workflow.py',
    'Nothing; if it was wanted, change the list’s or the site’s bans.',
  ),
  'unsubscription-held': member(
    'A request to leave waits for a moderator.',
    'ListAdmin.py; 3: app/subscriptions.py',
    'Decide on it in the list’s moderation queue.',
  ),
  'unsubscription-discarded': member('A request to leave was thrown away.', 'ListAdmin.py; –', 'Nothing.'),
  'unsubscription-rejected': member('A request to leave was refused with a reason.', 'ListAdmin.py; –', 'Nothing.'),
  'member-subscribed': member('Somebody joined a list.', 'MailList.py; –', 'Nothing.'),
  'member-unsubscribed': member(
    'Somebody left a list, or was taken off it. 2.1: each departure once; 3: only those that a moderator allowed are logged.',
    'MailList.py; 3: app/moderator.py',
    'Nothing.',
  ),
  'member-removed': member(
    'Mailman itself took a member off a list, after too many bounces; 2.1 logs the departure, too, as member-unsubscribed.',
    'Bouncer.py; 3: model/bounce.py',
    'Nothing; the person may join again with an address that works.',
  ),
  'removal-explained': member(
    'Why Mailman itself took a member off a list (2.1); the departure is an event of its own, just before.',
    'Bouncer.py; –',
    'Nothing; BYBOUNCE is too many bounces, the others are addresses that were disabled by hand for long.',
  ),
  'member-disabled': member(
    'Delivery to a member was switched off, after too many bounces.',
    'Bouncer.py; 3: model/bounce.py',
    'Nothing, unless many at once: then a mail server refuses this list.',
  ),
  'disabled-notice-sent': member('A member whose delivery is off was told so.', 'cron/disabled; 3: model/bounce.py', 'Nothing.'),
  'member-moderated': member(
    'A member who wrote too much too fast was set to moderated.',
    'Handlers/SpamDetect.py; –',
    'Look at their posts, and lift the moderation if it was a mistake.',
  ),
  'address-changed': member('A member changed address.', 'MailList.py; –', 'Nothing.'),
  'address-change-banned': denied(
    'A member tried to change to a banned address.',
    'MailList.py; –',
    'Nothing; if it was wanted, change the ban.',
  ),
  'invitation-banned': denied('A banned address was to be invited.', 'MailList.py; –', 'Change the ban before inviting again.'),
  'invitation-misused': denied(
    'An invitation to one list was used to confirm on another.',
    'Deliverer.py; –',
    'Nothing, unless it comes again.',
  ),
  'login-failed': login(
    'A login to the web interface failed. 2.1.29 and later tell of a member’s twice, in `mischief` too, if the roster is private.',
    'Cgi/ (admin, admindb, private, options, roster…); –',
    'Nothing for one; many from one place are somebody guessing: tell the site’s admin.',
  ),
  'account-probe': denied(
    'Somebody who is no member asked about a membership on a list whose roster is private.',
    'Cgi/options.py; –',
    'Nothing, unless many.',
  ),
  'csrf-detected': denied(
    'A form was sent with the token of somebody else.',
    'CSRFcheck.py; –',
    'Change the list’s passwords if it comes again.',
  ),
  'web-request-hostile': denied(
    'The web interface was asked for a list or archive by a hostile name.',
    'Utils.py, Cgi/private.py; –',
    'Nothing; Mailman refused it.',
  ),
  'web-request-invalid': denied(
    'The web interface was asked for something malformed.',
    'Cgi/private.py, Utils.py; –',
    'Nothing.',
  ),
  'web-request-crashed': error(
    'A page of the web interface crashed.',
    'scripts/driver; –',
    'Tell the site’s admin what you did; the event holds the stack.',
  ),
  'list-delete-refused': denied(
    'Somebody tried to delete a list by the web interface, which is switched off.',
    'Cgi/rmlist.py; –',
    'Tell the site’s admin.',
  ),
  'api-requested': web(
    'A program (mostly Postorius or HyperKitty) asked something of the REST API.',
    '–; 3: rest/ (gunicorn)',
    'Nothing.',
  ),
  'api-request-crashed': error(
    'A request to the REST API crashed.',
    '–; 3: rest/ (falcon)',
    'Tell the site’s admin; the event holds the stack.',
  ),
} as const satisfies Record<string, Action>
