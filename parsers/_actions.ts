/**
 * The vocabulary: one `event.action` per thing that happens in Mailman, with what ECS says of it (`event.category`,
 * `event.type`: allowed values of ECS 9.4; for mail the only type expected is `info`).
 */
export interface Action {
  readonly category: readonly string[]
  readonly type: readonly string[]
  readonly meaning: string
}

const mail = { category: ['email'], type: ['info'] }
const member = { category: ['iam'], type: ['group', 'change'] }
const error = { category: [], type: ['error'] }
const denied = { category: ['intrusion_detection'], type: ['denied'] }

const table = {
  'message-held': { ...mail, meaning: 'A post waits for a moderator.' },
  'message-approved': { ...mail, meaning: 'A moderator let a held post through.' },
  'message-discarded': { ...mail, meaning: 'A post was thrown away, by a moderator or by a rule; its sender hears nothing.' },
  'message-rejected': { ...mail, meaning: 'A post was sent back to its sender with a reason.' },
  'message-posted': { ...mail, meaning: 'A post to a list was handed to the mail server.' },
  'message-delivered': { ...mail, meaning: 'The mail server took a message for a number of recipients.' },
  'message-delivery-failed': { ...mail, meaning: 'The mail server refused a message or a recipient.' },
  'message-anonymized': { ...mail, meaning: "A post's sender was hidden, as the list is anonymous." },
  'delivery-skipped': { ...mail, meaning: 'A recipient without a domain was left out.' },
  'smtp-auth-failed': { ...mail, meaning: 'Mailman could not log in to the mail server, or not encrypt.' },
  'command-discarded': { ...mail, meaning: 'A mail to the -request address was thrown away.' },
  'autoresponse-suppressed': { ...mail, meaning: 'No automatic answer: this address has had enough of them today.' },
  'dmarc-policy-found': { ...mail, meaning: "The sender's domain publishes a DMARC policy that the list acts on." },
  'member-moderated': { ...member, meaning: 'A member who wrote too much too fast was set to moderated.' },
  'subscription-held': { ...member, meaning: 'A request to join waits for a moderator.' },
  'subscription-approved': { ...member, meaning: 'A request to join was let through by a rule.' },
  'subscription-discarded': { ...member, meaning: 'A request to join was thrown away.' },
  'subscription-rejected': { ...member, meaning: 'A request to join was refused with a reason.' },
  'unsubscription-held': { ...member, meaning: 'A request to leave waits for a moderator.' },
  'unsubscription-discarded': { ...member, meaning: 'A request to leave was thrown away.' },
  'unsubscription-rejected': { ...member, meaning: 'A request to leave was refused with a reason.' },
  'subscription-banned': { ...denied, meaning: 'A banned address tried to join.' },
  'invitation-banned': { ...denied, meaning: 'A banned address was to be invited.' },
  'address-change-banned': { ...denied, meaning: 'A member tried to change to a banned address.' },
  'error-raised': { ...error, meaning: 'Mailman met an exception or said that something is wrong.' },
  'message-shunted': { ...error, meaning: 'A message that could not be processed was put aside in the shunt queue.' },
  'message-shunt-failed': { ...error, meaning: 'A message could not even be shunted; its queue file was kept.' },
  'message-unparseable': { ...error, meaning: 'A queue file could not be read as a message.' },
  'queue-file-preserved': { ...error, meaning: 'A queue file that crashed Mailman too often was kept aside.' },
  'list-missing': { ...error, meaning: 'Mail or a web request named a list that does not exist.' },
  'smtp-connect-failed': { ...error, meaning: 'Mailman could not reach its mail server.' },
  'config-error': { ...error, meaning: 'A list or site setting is wrong and was ignored.' },
  'queue-error': { ...error, meaning: 'Mailman could not do with a queue file what it should.' },
  'runner-error': { ...error, meaning: 'A qrunner, or the program that starts them, said that something is wrong.' },
  'nntp-error': { ...error, meaning: 'The Usenet server refused an article or could not be reached.' },
  'handler-error': { ...error, meaning: 'A step of the processing of a message went wrong.' },
  'digest-failed': { ...error, meaning: 'A digest could not be sent.' },
  'list-config-corrupt': { ...error, meaning: "A list's configuration file could not be read or written." },
  'mta-map-failed': { ...error, meaning: "The mail server's table of list addresses could not be rebuilt." },
  'dns-lookup-failed': { ...error, meaning: 'A DNS look-up for DMARC failed.' },
  'web-request-crashed': { ...error, meaning: 'A page of the web interface crashed.' },
  'web-request-invalid': { ...denied, meaning: 'The web interface was asked for something malformed.' },
} as const satisfies Record<string, Action>

export type ActionName = keyof typeof table

export const actions: Readonly<Record<ActionName, Action>> = table
