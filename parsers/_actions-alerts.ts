/** What mailman-shipper itself says of what it saw: alerts, one event for each of their moments (src/notify/alert-event.ts). */
import { type Action, info } from './_action.js'

export const alertActions = {
  'alert-raised': info(
    'An alert began: something is not as usual, as docs/alerting.md says.',
    'mailman-shipper',
    'Look what it names as just before, and at the events of that time; docs/runbook.md has what to do for each kind.',
  ),
  'alert-grown': info('An alert became larger, or worse.', 'mailman-shipper', 'Look whether more lists are in it now.'),
  'alert-acknowledged': info('Somebody takes care of an alert.', 'mailman-shipper', 'Nothing; it is not repeated.'),
  'alert-ended': info('What an alert told of is as usual again.', 'mailman-shipper', 'Look what was held or lost meanwhile.'),
} as const satisfies Record<string, Action>
