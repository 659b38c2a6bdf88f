// The saved searches. `mailman-events` is also where the data view's links lead, with the query that the link brings.
import * as queries from './queries.mjs'
import { dataViewId, field } from './view.mjs'

const newestFirst = 'desc'
const oldestFirst = 'asc'

function search(id, title, description, query, columns, order = newestFirst) {
  const searchSource = {
    query: { language: 'kuery', query },
    filter: [],
    indexRefName: 'kibanaSavedObjectMeta.searchSourceJSON.index',
  }
  return {
    type: 'search',
    id: `mailman-${id}`,
    attributes: {
      title: `Mailman: ${title}`,
      description,
      columns: columns.map(field),
      sort: [[field('@timestamp'), order]],
      grid: {},
      hideChart: false,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(searchSource) },
    },
    references: [{ type: 'index-pattern', id: dataViewId, name: searchSource.indexRefName }],
  }
}

const where = ['host.name', 'mailman.log']

export const searches = [
  search('events', 'all events', 'Everything, newest first. The links of message ids, lists and addresses lead here.', '', [
    ...where,
    'event.action',
    'mailman.list.name',
    'message',
  ]),
  search('held', 'held messages', 'Posts that wait for a moderator, and why.', queries.held, [
    'mailman.list.name',
    'mailman.hold.reason',
    'mailman.hold.reason_text',
    'email.from.address',
    'email.message_id',
    'host.name',
  ]),
  search(
    'alerts',
    'alerts',
    'What the agents told: since when, how bad, what was just before; and when it was over.',
    queries.alerts,
    [
      'host.name',
      'event.action',
      'mailman.alert.severity',
      'mailman.alert.kind',
      'mailman.list.name',
      'event.start',
      'mailman.alert.count',
      'mailman.alert.before',
      'message',
    ],
  ),
  search('errors', 'errors with their stack', 'What went wrong inside Mailman; a traceback is one event.', queries.failed, [
    ...where,
    'event.action',
    'mailman.list.name',
    'error.type',
    'message',
    'error.stack_trace',
  ]),
  search('delivery-failures', 'delivery failures', 'What the mail server refused, and messages given up.', queries.notDelivered, [
    'event.action',
    'host.name',
    'email.to.address',
    'mailman.smtp.code',
    'mailman.smtp.enhanced_code',
    'error.message',
    'email.message_id',
  ]),
  search(
    'message-life',
    'the life of one message',
    'Oldest first, from all hosts and logs. Click on a message id, or write: email.message_id:"the id without < and >".',
    'email.message_id: *',
    [...where, 'event.action', 'event.outcome', 'mailman.list.name', 'email.message_id', 'message'],
    oldestFirst,
  ),
  search(
    'restarts',
    'restarts',
    'Mailman was started, stopped or told to restart; a runner ended or was started again.',
    queries.restarted,
    ['host.name', 'event.action', 'mailman.runner.name', 'mailman.runner.signal', 'process.exit_code', 'message'],
  ),
  search('denied', 'denied requests and failed logins', 'Somebody tried what is not allowed.', queries.denied, [
    'event.action',
    'mailman.list.name',
    'user.email',
    'source.address',
    'message',
  ]),
  search(
    'unparsed',
    'lines that were not understood',
    'Kept as they are. Many after an upgrade: Mailman says something new.',
    queries.unparsed,
    [...where, 'event.provider', 'message'],
  ),
]
