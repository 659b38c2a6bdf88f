/** What happens to messages: moderation, delivery, bounces, gateways. */
import { type Action, error, mail } from './_action.js'

export const messageActions = {
  'message-held': mail(
    'A post waits for a moderator.',
    'Handlers/Hold.py; 3: chains/hold.py',
    'Decide on it in the list’s moderation queue; when many come at once, look at the reason they share.',
  ),
  'message-accepted': mail('A rule let a post through.', '–; 3: chains/accept.py', 'Nothing.'),
  'message-approved': mail(
    'A moderator let a held post through.',
    'ListAdmin.py; 3: app/moderator.py',
    'Nothing; the post follows.',
  ),
  'message-discarded': mail(
    'A post was thrown away, by a moderator or by a rule; its sender hears nothing.',
    'ListAdmin.py, Queue/IncomingRunner.py; 3: chains/discard.py, app/moderator.py, core/pipelines.py',
    'If it was wanted, find the rule (handler or reason) and change it, and ask the sender to send again.',
  ),
  'message-rejected': mail(
    'A post was sent back to its sender with a reason.',
    'ListAdmin.py, Queue/IncomingRunner.py; 3: chains/reject.py, app/moderator.py, core/pipelines.py',
    'If it was wanted, change the rule that rejected it; the sender knows the reason.',
  ),
  'message-posted': mail(
    'A post to a list was handed to the mail server. Notices of the list are among them: in 3 all, in 2.1 those that were refused.',
    'Handlers/SMTPDirect.py; 3: mta/deliver.py ([logging.smtp] success, refused)',
    'Nothing; the outcome is failure where any recipient was refused: look at the delivery failures of the same second.',
  ),
  'message-delivered': mail(
    'Mailman was done with handing a message to the mail server; recipients that were refused count too.',
    'Handlers/SMTPDirect.py; 3: mta/deliver.py ([logging.smtp] every)',
    'Nothing; who was refused is told by delivery failures of their own. Long times mean a slow mail server.',
  ),
  'message-delivery-failed': mail(
    'The mail server refused a message or a recipient.',
    'Handlers/SMTPDirect.py; 3: mta/deliver.py, mta/bulk.py',
    'Codes from 500 on are final, but for 552: the address or the content; all others are tried again.',
  ),
  'delivery-abandoned': mail(
    'A message was given up after too many temporary failures.',
    '–; 3: runners/outgoing.py',
    'Tell the sender; look at why the mail server refused it for so long.',
  ),
  'message-anonymized': mail(
    "A post's sender was hidden, as the list is anonymous.",
    'Handlers/Cleanse.py; 3: handlers/cleanse.py',
    'Nothing.',
  ),
  'owner-message': mail(
    'Somebody wrote to the owners of a list.',
    '–; 3: chains/owner.py',
    'Read it; it is in the owners’ mail.',
  ),
  'delivery-skipped': mail(
    'A recipient without a domain was left out.',
    'Handlers/SMTPDirect.py; 3: mta/verp.py',
    'Correct or remove that member’s address.',
  ),
  'smtp-connect-failed': error(
    'Mailman could not reach its mail server.',
    'Queue/OutgoingRunner.py; 3: runners/outgoing.py, mta/connection.py',
    'Start the mail server, or correct host and port; the messages wait.',
  ),
  'smtp-auth-failed': mail(
    'Mailman could not log in to the mail server, or not encrypt.',
    'Handlers/SMTPDirect.py; –',
    'Correct the login or the certificate that Mailman uses for its mail server.',
  ),
  'command-discarded': mail(
    'A mail to the -request address was thrown away.',
    'Queue/CommandRunner.py; 3: runners/command.py, handlers/replybot.py',
    'Nothing; it was automatic mail or held no command.',
  ),
  'autoresponse-suppressed': mail(
    'No automatic answer: this address has had enough of them today.',
    'MailList.py; 3: chains/hold.py',
    'Nothing, unless a person complains of getting no answer.',
  ),
  'dmarc-policy-found': mail(
    "The sender's domain publishes a DMARC policy that the list acts on.",
    'Utils.py; 3: rules/dmarc.py',
    'Nothing; the list’s DMARC setting says what was done.',
  ),
  'bounce-received': mail(
    'A bounce counted against a member.',
    'Bouncer.py; 3: model/bounce.py',
    'Nothing; at the threshold Mailman acts by itself.',
  ),
  'bounce-ignored': mail(
    'A bounce that counts for nothing: one was scored that day already, delivery is disabled, or the address is no member.',
    'Bouncer.py; 3: model/bounce.py',
    'Nothing.',
  ),
  'bounce-score-reset': mail(
    'A member’s mail came back after so long that the bounces before were forgotten; the score begins anew with this one.',
    'Bouncer.py; –',
    'Nothing.',
  ),
  'bounce-threshold-reached': mail(
    'A member’s bounces reached the threshold, and delivery is switched off: that is an event of its own, just before.',
    '–; 3: model/bounce.py',
    'Nothing.',
  ),
  'bounce-unrecognized': mail(
    'A bounce from which no member could be read. One may be told of twice: that nobody was found, and what became of the mail.',
    'Queue/BounceRunner.py, Bouncer.py; 3: app/bounces.py, runners/bounce.py',
    'Nothing, unless there are many: then a mail server writes bounces that Mailman does not know.',
  ),
  'probe-sent': mail('A member was sent a probe, to see whether it bounces.', 'Bouncer.py; 3: model/bounce.py', 'Nothing.'),
  'probe-bounced': mail('A probe came back: the address does not work.', '–; 3: model/bounce.py', 'Nothing.'),
  'bounces-processed': mail('Bounces that had waited were worked on.', 'Queue/BounceRunner.py; 3: runners/bounce.py', 'Nothing.'),
  'bounce-error': error(
    'Mailman could not work on a bounce or a notice about bounces.',
    'Queue/BounceRunner.py, cron/disabled; 3: runners/bounce.py',
    'Tell the site’s admin if it comes again.',
  ),
  'usenet-gated': mail(
    'The gateway to Usenet looked for, or posted, articles.',
    'cron/gate_news; 3: runners/nntp.py',
    'Nothing.',
  ),
  'usenet-error': error(
    'The gateway to Usenet could not get or post an article.',
    'cron/gate_news, Queue/NewsRunner.py; 3: runners/nntp.py',
    'Look whether the news server is up and the group’s name is right.',
  ),
  'lmtp-traced': mail(
    'A step of the mail server’s conversation with Mailman.',
    '–; 3: aiosmtpd, runners/lmtp.py',
    'Nothing; it is only for tracing.',
  ),
  'lmtp-error': error(
    'Mailman could not take a message from the mail server.',
    '–; 3: runners/lmtp.py, aiosmtpd',
    'Tell the site’s admin: the sender got it back, or it waits in the mail server.',
  ),
  'content-traced': mail(
    'A line of a message, or a recipient, in a log at level debug; text of messages is not kept.',
    '–; 3: aiosmtpd, mta/',
    'Ask the site’s admin to set the level back: debug logs hold people’s mail.',
  ),
} as const satisfies Record<string, Action>
