// The alert rules: what is asked, and what somebody who is woken must know. ES|QL as Elasticsearch 8.13 has it (no `STATS … WHERE`),
// and of it only what test/support/kibana-esql.ts can put to a server without ES|QL, so that every condition here is tried on events.
import { createHash } from 'node:crypto'
import * as queries from './queries.mjs'
import { dataView } from './view.mjs'

const logs = dataView.attributes.title
const agents = 'metrics-mailman.agent-*'

/** Kibana takes no other id for what holds a secret, and a rule holds its API key. The same name gives the same id for ever. */
function uuidOf(name) {
  const hex = createHash('sha256').update(`mailman-shipper rule ${name}`).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return parts.join('-')
}

/** Events of these actions, but for those that a stranger may have written. */
const from = (...names) => {
  queries.does(...names)
  const listed = names.map(name => `"${name}"`).join(', ')
  return [
    `FROM ${logs}`,
    `WHERE event.action IN (${listed})`,
    // A field of several values is equal to nothing: joined first.
    'EVAL marks = COALESCE(MV_CONCAT(tags, " "), "")',
    'WHERE NOT marks LIKE "*mailman_suspect*"',
  ]
}
const is = (...names) => {
  queries.does(...names)
  return names.length === 1 ? `event.action == "${names[0]}"` : `event.action IN (${names.map(name => `"${name}"`).join(', ')})`
}
const one = condition => `CASE(${condition}, 1, 0)`
const newer = time => `@timestamp > NOW() - ${time}`
const older = time => `@timestamp <= NOW() - ${time}`

/** @param window in which all events lie that the query asks for, e.g. `7d` */
function esql({ name, title, every = '1m', delay = 1, window, meaning, todo, rows = '', query }) {
  const [, size, unit] = /^(\d+)([mhd])$/.exec(window)
  const params = {
    searchType: 'esqlQuery',
    esqlQuery: { esql: query.join(' | ') },
    timeField: '@timestamp',
    timeWindowSize: Number(size),
    timeWindowUnit: unit,
    // What Kibana's rule asks of ES|QL: more than no row.
    threshold: [0],
    thresholdComparator: '>',
    size: 100,
    groupBy: 'all',
    excludeHitsFromPreviousRun: false,
  }
  return rule({ name, title, every, delay, type: '.es-query', group: 'query matched', meaning, todo, rows, params })
}

function rule({ name, title, every, delay, type, group, meaning, todo, rows, params }) {
  const text = `${meaning} What to do: ${todo}${rows}`
  const body = {
    name: `Mailman: ${title}`,
    rule_type_id: type,
    consumer: 'stackAlerts',
    schedule: { interval: every },
    alert_delay: { active: delay },
    params,
  }
  // By which setup knows whether a rule is as this version makes it; what people tune in it stays until a new version comes.
  const digest = createHash('sha256')
    .update(JSON.stringify([text, body]))
    .digest('hex')
    .slice(0, 12)
  return { id: uuidOf(name), group, text, body: { ...body, tags: ['mailman', `mailman-shipper ${digest}`] } }
}

/** For each row that the query found. Kibana escapes the values, which come from logs, as the connector needs it. */
const each = text => `{{#context.hits}}\n- ${text}{{/context.hits}}`

// Posts that got through, without those that a moderator let through: Mailman 3 says so when it accepts one (its posts hold notices
// too), Mailman 2.1 when it has posted it.
const in2 = 'event.provider == "mailman2"'
const passedIn2 = `${is('message-posted')} AND ${in2}`
const approvedIn2 = `${is('message-approved')} AND ${in2}`

const slots = [1, 2, 3, 4, 5, 6, 7]
const isPost = `CASE(${approvedIn2}, -1, ${is('message-accepted')}, 1, ${passedIn2}, 1, 0)`
const hours = n => (n === 0 ? newer('2 hours') : `${newer(`${n * 24 + 2} hours`)} AND ${older(`${n * 24} hours`)}`)

const started = ['runner-started', 'master-started']
const broken = [
  'error-raised',
  'message-shunted',
  'message-shunt-failed',
  'queue-error',
  'config-error',
  'list-config-corrupt',
  'handler-error',
  'runner-error',
  'lmtp-error',
]
const unreachable = ['smtp-connect-failed', 'smtp-auth-failed']

export const rules = [
  // A wave of spam is held, and members' posts go on. So it is asked whether those are held who have posted in the last week.
  esql({
    name: 'most-held',
    title: 'most messages are held',
    window: '7d',
    delay: 2,
    meaning:
      'More than half of the posts of the last 15 minutes are held, and among them those of people who have posted in the last week: this is no wave of spam, but something in Mailman holds everything.',
    todo: 'see what the holds share (dashboard “Why is it held?”) and what changed just before: a restart, an upgrade, a setting. `mailman-shipper report` tells it in order; `mailman-shipper held` splits what waits into regular posters and strangers.',
    query: [
      ...from('message-held', 'message-accepted', 'message-posted', 'message-approved'),
      'EVAL sender = COALESCE(email.from.address, "")',
      `EVAL is_held = ${one(`${is('message-held')} AND ${newer('15 minutes')}`)}`,
      `EVAL is_passed = CASE(${older('15 minutes')}, 0, ${approvedIn2}, -1, ${is('message-accepted')}, 1, ${passedIn2}, 1, 0)`,
      `EVAL is_before = ${one(`${is('message-posted')} AND ${older('15 minutes')}`)}`,
      'STATS held_of = SUM(is_held), passed_of = SUM(is_passed), before_of = SUM(is_before) BY sender',
      'EVAL is_known = CASE(sender != "" AND held_of > 0 AND before_of > 0, 1, 0)',
      'EVAL named_of = held_of * CASE(sender != "", 1, 0)',
      'STATS held = SUM(held_of), passed = SUM(passed_of), known = SUM(is_known), named = SUM(named_of)',
      // Without senders (privacy.addresses: drop) only a flood of holds can tell.
      'WHERE held >= 20 AND held > passed AND ((known >= 5 AND 2 * known > passed) OR (named == 0 AND held > 4 * passed))',
    ],
  }),
  esql({
    name: 'list-held',
    title: 'all posts of a list are held',
    window: '7d',
    delay: 2,
    meaning: 'In the last hour the posts of a list are held, those of its regular posters too, and usually they are not.',
    todo: 'ask the list’s owner whether that is wanted (emergency moderation, a filter on spam headers, moderation of all members); `mailman-shipper why LIST` names the reason and the option. If it is many lists at once, look for what they share.',
    rows: each('{{_source.list}}: {{_source.held}} held'),
    query: [
      ...from('message-held', 'message-posted'),
      'WHERE mailman.list.name IS NOT NULL',
      'EVAL list = mailman.list.name',
      'EVAL sender = COALESCE(email.from.address, "")',
      `EVAL is_held = ${one(`${is('message-held')} AND ${newer('60 minutes')}`)}`,
      `EVAL is_posted = ${one(`${is('message-posted')} AND ${newer('60 minutes')}`)}`,
      `EVAL was_held = ${one(`${is('message-held')} AND ${older('60 minutes')}`)}`,
      `EVAL was_posted = ${one(`${is('message-posted')} AND ${older('60 minutes')}`)}`,
      'STATS held_of = SUM(is_held), posted_of = SUM(is_posted), held_before = SUM(was_held), posted_before = SUM(was_posted) BY list, sender',
      'EVAL is_known = CASE(sender != "" AND held_of > 0 AND posted_before > 0, 1, 0)',
      // In Mailman 3 the list's own notices are among the posts.
      'EVAL is_other = CASE(posted_of > 0 AND posted_before > 0 AND NOT STARTS_WITH(sender, list), 1, 0)',
      'STATS held = SUM(held_of), known = SUM(is_known), others = SUM(is_other), usually_held = SUM(held_before), usually_posted = SUM(posted_before) BY list',
      'WHERE held >= 5 AND known >= 4 AND known > 3 * others AND usually_posted > 2 * usually_held',
      'SORT held DESC',
      'LIMIT 20',
    ],
  }),
  esql({
    name: 'restart-errors',
    title: 'errors after a start',
    window: '15m',
    meaning: 'Mailman’s runners were started in the last 15 minutes, and errors follow.',
    todo: 'read them (search “errors with their stack”): permissions and files first. If posts are held or nothing is posted, go back to what ran before; run `unshunt` when the cause is mended.',
    rows: each('{{_source.host}}: {{_source.errors}} errors'),
    query: [
      ...from(...started, ...broken),
      'EVAL host = host.name',
      `EVAL start_at = CASE(${is(...started)}, @timestamp)`,
      `EVAL error_at = CASE(${is(...broken)}, @timestamp)`,
      `EVAL is_error = ${one(is(...broken))}`,
      'STATS first_start = MIN(start_at), last_error = MAX(error_at), errors = SUM(is_error) BY host',
      'WHERE errors >= 3 AND last_error >= first_start',
    ],
  }),
  esql({
    name: 'delivery-failing',
    title: 'delivery fails',
    window: '6h',
    delay: 5,
    meaning:
      'Mailman cannot reach its mail server, or cannot log in, and nothing was handed over since; or the mail server refuses many more recipients than usual.',
    todo: 'is the mail server up, is its queue or disk full, is this host on a block list? The dashboard “Delivery” shows codes and domains. Mail waits and is tried again; what was refused with a code from 500 on is not.',
    rows: each('{{_source.host}}: {{_source.refused}} refused'),
    query: [
      // Mailman 2.1 says once that it cannot connect, so hours are looked at.
      ...from('message-posted', 'message-delivery-failed', ...unreachable),
      'EVAL host = host.name',
      `EVAL failed_at = CASE(${is(...unreachable)}, @timestamp)`,
      `EVAL posted_at = CASE(${is('message-posted')}, @timestamp)`,
      `EVAL is_refused = ${one(`${is('message-delivery-failed')} AND ${newer('30 minutes')}`)}`,
      `EVAL is_posted = ${one(`${is('message-posted')} AND ${newer('30 minutes')}`)}`,
      'STATS last_failed = MAX(failed_at), last_posted = MAX(posted_at), refused = SUM(is_refused), posted = SUM(is_posted) BY host',
      'WHERE last_failed > last_posted OR (last_failed IS NOT NULL AND last_posted IS NULL) OR (refused >= 50 AND posted >= 5 AND refused > 5 * posted)',
    ],
  }),
  esql({
    name: 'runner-dead',
    title: 'a runner is dead or crashes again and again',
    window: '1h',
    meaning:
      'A runner was given up after too many crashes: its queue stands still. Or one was started again three times in 15 minutes.',
    todo: 'read the errors just before (search “errors with their stack”); a message that crashes the runner is mostly the first in its queue: move it aside, then restart Mailman.',
    rows: each('{{_source.host}}: {{_source.runner}}'),
    query: [
      ...from('runner-restart-limit', 'runner-restarted'),
      'EVAL host = host.name',
      'EVAL runner = COALESCE(mailman.runner.name, "")',
      'EVAL slice = COALESCE(mailman.runner.slice, "")',
      `EVAL is_dead = ${one(is('runner-restart-limit'))}`,
      `EVAL is_again = ${one(`${is('runner-restarted')} AND ${newer('15 minutes')}`)}`,
      'STATS dead = SUM(is_dead), again = SUM(is_again) BY host, runner, slice',
      'WHERE dead > 0 OR again >= 3',
    ],
  }),
  // Compared with the same two hours of the seven days before, the same weekday among them.
  esql({
    name: 'no-posts',
    title: 'no posts for two hours',
    window: '170h',
    every: '5m',
    meaning:
      'For two hours nothing was posted (but for what moderators let through), at a time of the day and week when there always are posts.',
    todo: 'does Mailman run, does mail arrive (the mail server’s log and queue), is all held? If the agent’s alert is there too, only the logs do not arrive.',
    query: [
      ...from('message-posted', 'message-accepted', 'message-approved'),
      `EVAL post = ${isPost}`,
      `EVAL ${[0, ...slots].map(n => `is_${n} = CASE(${hours(n)}, post, 0)`).join(', ')}`,
      `STATS ${[0, ...slots].map(n => `day_${n} = SUM(is_${n})`).join(', ')}`,
      `EVAL usual = ${slots.map(n => `CASE(day_${n} >= 10, 1, 0)`).join(' + ')}`,
      'WHERE day_0 <= 1 AND day_7 >= 10 AND usual >= 5',
    ],
  }),
  rule({
    name: 'shunted',
    title: 'messages are shunted',
    every: '5m',
    delay: 1,
    type: '.index-threshold',
    group: 'threshold met',
    meaning: 'More than five messages in an hour could not be processed and were put aside: they reach nobody.',
    todo: 'read the errors beside them, mend the cause, then run `bin/unshunt` (Mailman 3: `mailman unshunt`).',
    rows: '',
    params: {
      index: [logs],
      timeField: '@timestamp',
      aggType: 'count',
      groupBy: 'all',
      timeWindowSize: 1,
      timeWindowUnit: 'h',
      thresholdComparator: '>',
      threshold: [5],
      filterKuery: `${queries.does('message-shunted')} and not tags: "mailman_suspect"`,
    },
  }),
  esql({
    name: 'agent-dead',
    title: 'an agent sends nothing',
    window: '1d',
    meaning:
      'The agent of a host was heard in the last day, but not in the last ten minutes: what happens there is not seen here.',
    todo: 'on that host: `systemctl status mailman-shipper`, then `mailman-shipper status` and `check`. Nothing is lost while Mailman keeps its logs. A host that was given up is forgotten after a day.',
    rows: each('{{_source.host}}: last heard {{_source.last_heard}}'),
    query: [
      `FROM ${agents}`,
      'EVAL host = host.name',
      'STATS last_heard = MAX(@timestamp) BY host',
      'WHERE last_heard < NOW() - 10 minutes',
    ],
  }),
]
