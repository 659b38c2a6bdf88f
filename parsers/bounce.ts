/**
 * `bounce`: whose mail came back, how often, and what was done about it (Bouncer.py, Queue/BounceRunner.py, cron/disabled;
 * 3: model/bounce.py, runners/bounce.py, app/bounces.py).
 */
import { badFormat } from './_bad-format.js'
import { defineParser, type Pattern } from './_contract.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const closed = { open: false } as const
const failed = { outcome: 'failure' } as const

const mailman2: readonly Pattern[] = [
  // A message id is what a bounce's sender made it, perhaps the end of another template: these come before all that hold anything
  // behind the list's name.
  pattern('bounce-unrecognized', '{list}: bounce message w/no discernable addresses: {messageId}'),
  pattern('bounce-unrecognized', '{list}: forwarding unrecognized, message-id: {messageId}'),
  pattern('bounce-unrecognized', '{list}: discarding unrecognized, message-id: {messageId}'),
  pattern('bounce-ignored', '{list}: {member} residual bounce received'),
  pattern('bounce-ignored', '{list}: {member} already scored a bounce for date {rest}', closed),
  pattern('bounce-received', '{list}: {member} current bounce score: {score}', failed),
  pattern('bounce-received', '{list}: {member} bounce score: {score}', failed),
  pattern('member-disabled', '{list}: {member} disabling due to bounce score {score} >= {threshold}'),
  pattern('bounces-processed', '<{runner} at {number}> processing {bounceCount} queued bounces'),
  pattern('bounce-score-reset', '{list}: {member} has stale bounce info, resetting'),

  pattern('member-disabled', '{list}: {member} disabling due to probe bounce received', {
    constants: { 'event.reason': 'probe bounce received' },
  }),
  pattern('probe-sent', 'sending {list} list probe to: {member} (score {score} >= {threshold})'),
  pattern('disabled-notice-sent', 'Notifying disabled member {member*} for list: {list}'),
  // The departure itself is in `subscribe`; see there.
  pattern('member-removed', '{list}: {member} deleted after exhausting notices'),
  pattern('bounce-error', 'NotAMemberError when sending disabled notice: {member}', closed),
  pattern('bounce-error', 'Error reading bounce events: {error}'),

  // Before 2.1.12, and before 2.1.6.
  pattern('bounce-unrecognized', 'bounce message w/no discernable addresses: {messageId}'),
  pattern('bounce-unrecognized', 'forwarding unrecognized, message-id: {messageId}'),
  pattern('bounce-unrecognized', 'discarding unrecognized, message-id: {messageId}'),
  pattern('bounces-processed', 'Processing {bounceCount} queued bounces'),
  pattern('bounce-ignored', '{list}: {member} already scored a bounce for today'), // 2.1.0
  pattern('bounce-ignored', 'bounce message with non-members of {list}: {rest}'), // 2.1.0
  pattern('bounce-error', "{list}: couldn't get list lock"),
  badFormat,
]

const NOT_SUBSCRIBED = 'Bounce message for a non subscriber: '

/** Lists have their dotted ids here; where people are told of, what the list is called for them. */
export const mailman3: readonly Pattern[] = [
  pattern('bounce-ignored', 'Member {member} already scored a bounce on list {listId} today.'),
  pattern('bounce-received', 'Member {member} on list {listId}, bounce score = {wholeScore}.', failed),
  pattern('bounce-unrecognized', 'Bounce message w/no discernable addresses: {messageId}'),
  pattern('bounce-unrecognized', 'VERPed bounce message but not a recognized DSN: {messageId}'),
  pattern('bounce-unrecognized', 'Discarding unrecognized bounce: {messageId}'),
  pattern('bounce-ignored', `${NOT_SUBSCRIBED}Email {member} is not a subcriber of {listId}`), // their spelling
  pattern('bounce-ignored', `${NOT_SUBSCRIBED}Bounce for non-existent list {listId}`),
  pattern('bounce-ignored', 'Residual bounce received for member {member} on list {listIdText}.'),

  pattern(
    'bounce-threshold-reached',
    'Member {member} on list {listId}, bounce score {wholeScore} >= threshold {wholeThreshold}, disabling delivery.',
  ),
  pattern(
    'probe-sent',
    'Member {member} on list {listId}, bounce score {wholeScore} >= threshold {wholeThreshold}, sending probe.',
  ),
  pattern('member-disabled', 'Disabling delivery for {member} on list {listId} by bounce'),
  pattern('probe-bounced', 'Probe bounce received for member {member} on list {listIdText}.', failed),
  pattern('member-removed', 'Removed {member} as a member of {listDisplayName} mailing list due to excessive bounces'),

  // Only at level debug.
  pattern('bounces-processed', 'Processing bounce events.'),
  pattern('debug-traced', 'Sending warnings to members with disabled delivery.'),
  pattern(
    'disabled-notice-sent',
    'Sending membership disabled warning no. {number} to {namedMember*} due to excessive bounces on {listDisplayName} mailing list',
  ),

  pattern('bounce-error', `Ignoring non-UTF-8 encoded address: {undecodedAddress}\n${TRACEBACK}\n{onlyTraceback}`),
  pattern('bounce-error', 'Ignoring non-UTF-8 encoded address: {undecodedAddress}'),
]

export default defineParser([...mailman2, ...mailman3])
