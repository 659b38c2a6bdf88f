// What the dashboards show. Each panel answers a question that somebody had; its title says which.
import { holdReasons } from '../../dist/parsers/_hold-reasons.js'
import { dashboard, rows, text } from './dashboard.mjs'
import {
  bars,
  count,
  eachMinute,
  eachSecond,
  last,
  max,
  metric,
  millisecondsEach,
  overTime,
  overTimeBy,
  ratio,
  share,
  sum,
  table,
  unique,
} from './lens.mjs'
import * as queries from './queries.mjs'
import { agentViewId } from './view.mjs'

const { held, posted, handedOver, refused, bounced } = queries
const list = ['mailman.list.name', 'List']
const host = ['host.name', 'Host']
const version = ['event.provider', 'Mailman']
const byList = { name: list[0], label: list[1] }
const heldShare = label => share(label, held, posted)

const overview = dashboard(
  'mailman-overview',
  {
    description:
      'Is mail flowing? Posts and holds, deliveries and what became of them, errors beside restarts, and the alerts of the agents. A refusal and most errors name no list, so they are gone where one is chosen.',
    timeFrom: 'now-24h',
    controls: [list, host, version],
  },
  [
    6,
    metric(count('Posts', posted)),
    metric(count('Held', held)),
    metric(heldShare('Held, of posts and holds')),
    metric(count('Messages handed to the mail server', handedOver)),
    metric(count('Refusals by the mail server', refused)),
    metric(count('Bounces', bounced)),
  ],
  [
    13,
    overTime({ title: 'Posts and holds' }, count('Posted', posted), count('Held', held)),
    overTime({ title: 'Share of holds', type: 'line' }, heldShare('Held, of posts and holds')),
  ],
  [
    15,
    table({ ...byList, title: 'Lists with most holds' }, count('Held', held), count('Posted', posted), heldShare('Share held')),
    bars({ name: 'mailman.hold.reason', label: 'Reason', title: 'Why posts are held', query: held }, count('Held')),
  ],
  [
    13,
    overTime(
      { title: 'Deliveries, refusals and bounces' },
      count('Handed to the mail server', handedOver),
      count('Refused', refused),
      count('Bounced', bounced),
    ),
    overTime(
      { title: 'Errors, restarts beside them, and where alerts began' },
      count('Errors', queries.failed),
      count('Starts, stops and restarts', queries.restarted),
      count('Alerts', queries.alertRaised),
    ),
  ],
  [
    12,
    overTimeBy(
      { name: 'mailman.alert.severity', label: 'Severity', title: 'Alerts that began, by severity', query: queries.alertRaised },
      count('Alerts'),
    ),
    table(
      {
        name: 'mailman.alert.kind',
        label: 'Kind',
        title: 'Alerts by kind',
        query: queries.alertRaised,
        by: [{ name: 'mailman.alert.severity', label: 'Severity' }],
      },
      count('Alerts'),
      unique('Lists', 'mailman.list.name'),
      max('Latest', '@timestamp'),
    ),
  ],
  [12, rows('alerts', 'Alerts')],
  [14, rows('restarts', 'Restarts'), rows('errors', 'Errors')],
)

/** Text of the table of reasons, in a cell of Markdown. */
const cell = words => words.replaceAll('|', '\\|').replaceAll('<', '&lt;')
const advice = [
  '| reason | what it means | what to do |',
  '|---|---|---|',
  ...Object.entries(holdReasons).map(([slug, reason]) => `| ${slug} | ${cell(reason.meaning)} | ${cell(reason.advice)} |`),
].join('\n')

const whyHeld = dashboard(
  'mailman-why-held',
  {
    description: 'Posts that wait for a moderator: by list, by reason, by sender, and what each reason asks for.',
    timeFrom: 'now-7d',
    controls: [list, ['mailman.hold.reason', 'Reason'], ['email.from.address', 'Sender'], host],
  },
  [
    6,
    metric(count('Held', held)),
    metric(unique('Lists with holds', 'mailman.list.name', held)),
    metric(unique('Senders held', 'email.from.address', held)),
    metric(heldShare('Held, of posts and holds')),
  ],
  [
    14,
    overTimeBy({ name: 'mailman.hold.reason', label: 'Reason', title: 'Holds over time, by reason', query: held }, count('Held')),
    overTimeBy({ ...byList, title: 'Holds over time, by list', query: held }, count('Held')),
  ],
  [
    16,
    table(
      { ...byList, title: 'By list and reason', query: held, by: [{ name: 'mailman.hold.reason', label: 'Reason' }] },
      count('Held'),
      unique('Senders', 'email.from.address'),
    ),
    table(
      { name: 'email.from.address', label: 'Sender', title: 'By sender: what is held, and what got through' },
      count('Held', held),
      count('Posted', posted),
      unique('Lists', 'mailman.list.name', held),
    ),
  ],
  [14, rows('held', 'Held messages')],
  [16, text('What each reason asks for', advice)],
)

const delivery = dashboard(
  'mailman-delivery',
  {
    description:
      'How fast mail gets out, and who refuses it. “Handed over” means: taken by the mail server, not read by a person.',
    timeFrom: 'now-7d',
    controls: [host, version, ['recipient_domain', 'Recipient’s domain'], ['mailman.smtp.code', 'SMTP code']],
  },
  [
    6,
    metric(count('Messages handed over', handedOver)),
    metric(sum('Recipients', 'mailman.smtp.recipients', handedOver)),
    metric(millisecondsEach('Milliseconds for each recipient', handedOver)),
    metric(eachSecond('Recipients per second of work', handedOver)),
    metric(count('Refusals', refused)),
    metric(count('No connection or login', queries.does('smtp-connect-failed', 'smtp-auth-failed'))),
  ],
  [
    13,
    overTime({ title: 'Time for each recipient, milliseconds', type: 'line' }, millisecondsEach('Milliseconds', handedOver)),
    overTime({ title: 'Recipients per second of work', type: 'line' }, eachSecond('Recipients per second', handedOver)),
  ],
  [
    13,
    overTimeBy(
      { name: 'mailman.smtp.code', label: 'SMTP code', title: 'Refusals over time, by code', query: refused },
      count('Refusals'),
    ),
    overTimeBy(
      { name: 'recipient_domain', label: 'Recipient’s domain', title: 'Refusals over time, by domain', query: refused },
      count('Refusals'),
    ),
  ],
  [
    15,
    table(
      {
        name: 'recipient_domain',
        label: 'Recipient’s domain',
        title: 'Refusals by domain and code',
        query: refused,
        by: [{ name: 'mailman.smtp.code', label: 'Code' }],
      },
      count('Refusals'),
      unique('Recipients', 'email.to.address'),
    ),
    // A refusal names no list: the post that it belongs to does.
    table(
      { ...byList, title: 'By list: recipients that were refused, and bounces' },
      sum('Refused recipients', 'mailman.smtp.refused', posted),
      count('Bounces', bounced),
    ),
  ],
  [14, rows('delivery-failures', 'Delivery failures')],
)

const membership = dashboard(
  'mailman-membership',
  {
    description: 'Who joins and leaves, whose delivery is switched off, and who tries what is not allowed.',
    timeFrom: 'now-7d',
    controls: [list, host, ['source.ip', 'Address of the client'], ['user.email', 'Member']],
  },
  [
    6,
    metric(count('Joined', queries.joined)),
    metric(count('Left', queries.left)),
    metric(count('Asked to join', queries.askedToJoin)),
    metric(count('Switched off or removed after bounces', queries.switchedOff)),
    metric(count('Denied', 'event.category: "intrusion_detection"')),
    metric(count('Failed logins', queries.loginFailed)),
  ],
  [
    13,
    overTime({ title: 'Joined and left' }, count('Joined', queries.joined), count('Left', queries.left)),
    overTime(
      { title: 'Bounces, and what they led to' },
      count('Bounces', bounced),
      count('Switched off or removed', queries.switchedOff),
    ),
  ],
  [
    13,
    overTimeBy(
      { name: 'event.action', label: 'What', title: 'Denied requests and failed logins', query: queries.denied },
      count('Events'),
    ),
    table(
      { ...byList, title: 'Lists that many ask to join: robots, if the addresses are strange', query: queries.askedToJoin },
      count('Requests'),
      unique('Addresses', 'user.email'),
    ),
  ],
  [
    14,
    table(
      { name: 'source.ip', label: 'From', title: 'Where denied requests and failed logins come from', query: queries.denied },
      count('Events'),
      unique('Lists', 'mailman.list.name'),
      unique('Members named', 'user.email'),
    ),
    table(
      { name: 'user.email', label: 'Member', title: 'Members whose mail bounces', query: bounced },
      count('Bounces'),
      unique('Lists', 'mailman.list.name'),
    ),
  ],
  [14, rows('denied', 'Denied requests and failed logins')],
)

const agents = { view: agentViewId }
const byHost = { name: host[0], label: host[1], ...agents }
const own = name => `mailman.agent.${name}`
const notUnderstood = ratio('Not understood, of all lines', own('events.unparsed'), own('events.read'))

const agent = dashboard(
  'mailman-agent',
  {
    description:
      'What the agents say of themselves, each minute. A Mailman upgrade shows first as lines that are not understood. An agent that does not reach Elasticsearch says nothing here: look at its last sign of life.',
    timeFrom: 'now-24h',
    controls: [host],
    ...agents,
  },
  [
    6,
    metric(unique('Hosts', 'host.name'), agents),
    metric(unique('Hosts that were held up', 'host.name', `${own('hold_up.code')}: *`), agents),
    metric(max('Longest that a log waited', own('lag.seconds')), agents),
    metric(sum('Refused and set aside', own('events.set_aside')), agents),
    metric(sum('Lost before they were read', own('lost.bytes')), agents),
    metric(notUnderstood, agents),
  ],
  [
    15,
    table(
      { ...byHost, size: 100, order: 'asc', title: 'Each host, the one that is silent for longest first' },
      max('Last sign of life', '@timestamp'),
      last('Agent', 'agent.version'),
      last('Since its start', own('uptime.seconds')),
      last('Lag', own('lag.seconds')),
      last('Trouble that it had last', own('troubles'), true),
      sum('Stored', own('events.stored')),
      sum('Set aside', own('events.set_aside')),
      notUnderstood,
      ratio('CPU', own('cpu.seconds'), own('period.seconds')),
      last('Memory', own('memory.bytes')),
    ),
  ],
  [
    13,
    overTimeBy({ ...byHost, title: 'Lag, by host', type: 'line' }, max('Longest that a log waited', own('lag.seconds'))),
    overTimeBy(
      { ...byHost, title: 'Events a minute, by host: a gap is a host that is silent', type: 'line' },
      eachMinute('Events a minute', own('events.stored')),
    ),
  ],
  [
    13,
    overTime({ ...agents, title: 'Share of lines that were not understood', type: 'line' }, notUnderstood),
    table(
      {
        name: 'mailman.log',
        label: 'Log',
        title: 'Lines that were not understood, by log and host',
        by: [{ name: 'host.name', label: 'Host' }],
        query: queries.unparsed,
      },
      count('Not understood'),
    ),
  ],
  [
    13,
    bars({ name: own('troubles'), label: 'Code', title: 'Troubles: on how many hosts', ...agents }, unique('Hosts', 'host.name')),
    bars({ name: 'agent.version', label: 'Version', title: 'The agents’ versions', ...agents }, unique('Hosts', 'host.name')),
    bars({ name: 'tags', label: 'Mark', title: 'Lines that were marked: cut, late, with a time of doubt…' }, count('Lines')),
  ],
  [
    13,
    overTimeBy({ ...byHost, title: 'Memory, by host', type: 'line' }, max('Memory', own('memory.bytes'))),
    overTimeBy(
      { ...byHost, title: 'CPU seconds a minute, by host', type: 'line' },
      eachMinute('CPU seconds a minute', own('cpu.seconds')),
    ),
  ],
  [14, rows('unparsed', 'Lines that were not understood')],
)

export const dashboards = [overview, whyHeld, delivery, membership, agent]
