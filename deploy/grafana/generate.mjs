// `node deploy/grafana/generate.mjs` writes mailman-shipper.json, a dashboard for Grafana, from the table below. With `--check`, says
// whether it is as it should be. The model: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
import { readFileSync, writeFileSync } from 'node:fs'

const COLUMNS = 24
const datasource = { type: 'prometheus', uid: `\${datasource}` }

/** Of the hosts that are chosen. @param labels besides, as PromQL has them */
const of = (name, labels = '') => `mailman_shipper_${name}{instance=~"$host"${labels && `, ${labels}`}}`
const perMinute = expr => `60 * rate(${expr}[$__rate_interval])`
const events = actions => of('events_total', `action=~"${actions}"`)
const ofLists = actions => of('list_events_total', `list=~"$list", action=~"${actions}"`)
/** What a rule may let through is a post; what a moderator lets through was held before. */
const shareHeld = (name, by, window, more = '') => {
  const sum = actions => `sum by (${by}) (increase(${of(name, `${more}action=~"${actions}"`)}[${window}]))`
  return `${sum('message-held')} / (${sum('message-held')} + clamp_min(${sum('message-posted')} - ${sum('message-approved')}, 0) > 0)`
}

const panel = (type, title, unit, description, queries, { defaults = {}, options = {} } = {}) => ({
  type,
  title,
  description,
  datasource,
  fieldConfig: { defaults: { unit, min: 0, ...defaults }, overrides: [] },
  options,
  targets: Object.entries(queries).map(([legendFormat, expr], i) => ({
    refId: String.fromCharCode(65 + i),
    datasource,
    expr,
    legendFormat,
    editorMode: 'code',
    ...(type === 'timeseries' ? { range: true } : { instant: true }),
    ...(type === 'table' ? { format: 'table' } : {}),
  })),
})

const lines = (title, unit, description, queries, custom = {}) =>
  panel('timeseries', title, unit, description, queries, {
    defaults: { custom: { lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false, ...custom } },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  })
const stacked = (title, unit, description, queries) =>
  lines(title, unit, description, queries, { fillOpacity: 30, stacking: { mode: 'normal', group: 'A' } })

/** @param steps [from, color], the first from anything */
const figure = (title, unit, description, queries, steps = [[null, 'text']]) =>
  panel('stat', title, unit, description, queries, {
    defaults: { thresholds: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) } },
    options: {
      colorMode: 'value',
      graphMode: 'none',
      textMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  })
const bad = [
  [null, 'green'],
  [1, 'red'],
]

/** Rows: a heading, or their height and then the panels, which share the width. */
const content = [
  [
    4,
    figure(
      'Critical alerts',
      'none',
      'That stand. `mailman-shipper alerts` on the host says more.',
      { '{{instance}}': `sum by (instance) (${of('alerts_open', 'severity="critical"')})` },
      bad,
    ),
    figure(
      'Other alerts',
      'none',
      'Warnings and information that stand.',
      { '{{instance}}': `sum by (instance) (${of('alerts_open', 'severity!="critical"')})` },
      [
        [null, 'green'],
        [1, 'orange'],
      ],
    ),
    figure('Held, of what came in', 'percentunit', 'Within 6 hours: held ÷ (held + posted without having been held).', {
      '{{instance}}': shareHeld('events_total', 'instance', '6h'),
    }),
    figure(
      'Behind',
      's',
      'For how long the log that is furthest behind has not been wholly settled.',
      { '{{instance}}': `max by (instance) (${of('lag_seconds')})` },
      [
        [null, 'green'],
        [60, 'orange'],
        [600, 'red'],
      ],
    ),
    figure(
      'Troubles',
      'none',
      'That last. `mailman-shipper status` on the host says what they are.',
      { '{{instance}}': `sum by (instance) (${of('trouble')}) or sum by (instance) (${of('held_up')})` },
      bad,
    ),
    figure('Agent', 'none', 'Its version and where its events go.', {
      '{{instance}}: {{version}}, {{output}}': of('build_info'),
    }),
  ],
  'Mailman',
  [
    9,
    stacked('Posts', 'none', 'A minute. What is approved was held before, and is posted then.', {
      'posted, not held before': `clamp_min(sum(${perMinute(events('message-posted'))}) - sum(${perMinute(events('message-approved'))}), 0)`,
      held: `sum(${perMinute(events('message-held'))})`,
      approved: `sum(${perMinute(events('message-approved'))})`,
      'refused, thrown away': `sum(${perMinute(events('message-rejected|message-discarded'))})`,
    }),
    lines(
      'Share held',
      'percentunit',
      'Within an hour: held ÷ (held + posted without having been held).',
      { '{{instance}}': shareHeld('events_total', 'instance', '1h') },
      { fillOpacity: 0 },
    ),
  ],
  [
    9,
    stacked('Posted, by list', 'none', 'A minute. The hundred busiest lists have a name; the others are “other”.', {
      '{{list}}': `topk(15, sum by (list) (${perMinute(ofLists('message-posted'))}))`,
    }),
    stacked('Held, by list', 'none', 'A minute.', {
      '{{list}}': `topk(15, sum by (list) (${perMinute(ofLists('message-held'))}))`,
    }),
  ],
  [
    9,
    lines(
      'Share held, by list',
      'percentunit',
      'Within 6 hours, of the lists with the most.',
      { '{{list}}': `topk(15, ${shareHeld('list_events_total', 'list', '6h', 'list=~"$list", ')})` },
      { fillOpacity: 0 },
    ),
    stacked(
      'Bounces and refusals, by list',
      'none',
      'A minute: bounces that counted against a member, posts that were refused or thrown away.',
      {
        '{{list}}, bounced': `topk(10, sum by (list) (${perMinute(ofLists('bounce-received'))}))`,
        '{{list}}, refused': `topk(10, sum by (list) (${perMinute(ofLists('message-rejected|message-discarded'))}))`,
      },
    ),
  ],
  [
    9,
    stacked('Events, by log', 'none', 'A minute.', { '{{log}}': `sum by (log) (${perMinute(of('events_total'))})` }),
    lines(
      'Delivery by the mail server',
      'none',
      'A minute. Refused: of messages or recipients; not reached: no connection, no login.',
      {
        'handed over': `sum(${perMinute(events('message-delivered'))})`,
        refused: `sum(${perMinute(events('message-delivery-failed|delivery-abandoned'))})`,
        'not reached': `sum(${perMinute(events('smtp-connect-failed|smtp-auth-failed'))})`,
      },
    ),
    stacked(
      'Errors',
      'none',
      'A minute: what Mailman complains of, lines that no template knows, lines that a stranger may have forged.',
      {
        '{{action}}': `sum by (action) (${perMinute(events('.*-error|error-.*|message-shunted|smtp-connect-failed|login-failed|none|suspect'))}) > 0`,
      },
    ),
  ],
  'Alerts',
  [
    8,
    stacked('Alerts that stand', 'none', 'By kind.', {
      '{{kind}}, {{severity}}': `sum by (kind, severity) (${of('alerts_open')}) > 0`,
    }),
    lines('Alerts raised', 'none', 'Within an hour, by kind.', {
      '{{kind}}': `sum by (kind) (increase(${of('alerts_raised_total')}[1h])) > 0`,
    }),
    lines('Notices', 'none', 'Within an hour. Failed: attempts; they are tried again.', {
      '{{notifier}}, {{result}}': `sum by (notifier, result) (increase(${of('notices_total')}[1h]))`,
    }),
    lines('The detector', 'none', 'Lists that it knows; 0: it does not know enough yet to tell of anything.', {
      '{{instance}}': `${of('detector_lists')} * on (instance) ${of('detector_learned')}`,
    }),
  ],
  'Delivery to the output',
  [
    8,
    lines('Not settled yet', 'bytes', 'Of each log; what grows for an hour is a backlog.', {
      '{{instance}} {{log}}': of('lag_bytes'),
    }),
    lines('For how long', 's', 'Each log has not been wholly settled.', { '{{instance}} {{log}}': of('lag_seconds') }),
    stacked('Documents', 'none', 'A minute, by what became of them.', {
      '{{outcome}}': `sum by (outcome) (${perMinute(of('documents_total'))})`,
    }),
  ],
  [
    8,
    lines('Requests and retries', 'none', 'A minute. Retries by their reason.', {
      requests: `sum(${perMinute(of('delivery_requests_total'))})`,
      'again: {{code}}': `sum by (code) (${perMinute(of('delivery_retries_total'))})`,
    }),
    lines(
      'Refused and set aside',
      'none',
      'Documents within an hour, by the reason. `mailman-shipper set-aside list` on the host.',
      { '{{instance}} {{reason}}': `increase(${of('set_aside_documents_total')}[1h])` },
    ),
    stacked('Troubles', 'none', 'That last, by code; `mailman-shipper status` on the host says what to do.', {
      '{{instance}} {{code}}': `${of('trouble')} > 0`,
    }),
    lines('Lost', 'bytes', 'Bytes of logs that went away before they were read, within an hour.', {
      '{{instance}}': `increase(${of('lost_bytes_total')}[1h])`,
    }),
  ],
  'The agent',
  [
    8,
    lines('Memory', 'bytes', 'Resident, and of it the heap that is used.', {
      '{{instance}}': 'process_resident_memory_bytes{job="mailman-shipper", instance=~"$host"}',
      '{{instance}} heap': 'nodejs_heap_size_used_bytes{job="mailman-shipper", instance=~"$host"}',
    }),
    lines('CPU', 'percentunit', 'Of one core; and how busy the event loop is.', {
      '{{instance}}': 'rate(process_cpu_seconds_total{job="mailman-shipper", instance=~"$host"}[$__rate_interval])',
      '{{instance}} event loop':
        'rate(nodejs_eventloop_busy_seconds_total{job="mailman-shipper", instance=~"$host"}[$__rate_interval])',
    }),
    lines('Up since', 's', 'For how long.', {
      '{{instance}}': 'time() - process_start_time_seconds{job="mailman-shipper", instance=~"$host"}',
    }),
    lines('Files', 'none', 'Followed, and open.', {
      '{{instance}} followed': of('watched_files'),
      '{{instance}} open': of('open_files'),
    }),
  ],
]

let y = 0
const panels = content.flatMap(row => {
  if (typeof row === 'string')
    return [{ type: 'row', title: row, collapsed: false, panels: [], gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 } }]
  const [h, ...shared] = row
  const w = COLUMNS / shared.length
  if (!Number.isInteger(w)) throw new Error(`${shared.length} panels do not share ${COLUMNS} columns`)
  const placed = shared.map((one, i) => ({ ...one, gridPos: { x: i * w, y, w, h } }))
  y += h
  return placed
})

const variable = (name, label, query, more) => ({
  name,
  label,
  type: 'query',
  datasource,
  query: { query, refId: name },
  definition: query,
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  ...more,
})
const mark = (name, iconColor, expr) => ({
  name,
  iconColor,
  enable: true,
  datasource,
  expr,
  step: '60s',
  titleFormat: `${name}: {{instance}}`,
})

const dashboard = {
  uid: 'mailman-shipper',
  title: 'Mailman (mailman-shipper)',
  description: 'From the metrics of mailman-shipper: what Mailman does, what alerts stand, and how the agent is doing.',
  tags: ['mailman', 'mailman-shipper'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: '1m',
  time: { from: 'now-24h', to: 'now' },
  timezone: 'browser',
  templating: {
    list: [
      { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1 },
      variable('host', 'Host', 'label_values(mailman_shipper_build_info, instance)', { allValue: '.+' }),
      variable('list', 'List', 'label_values(mailman_shipper_list_events_total{instance=~"$host"}, list)', { allValue: '.+' }),
    ],
  },
  annotations: {
    list: [
      mark('Mailman started', 'blue', `sum by (instance) (increase(${events('master-started')}[2m])) > 0`),
      mark('Agent started', 'purple', 'changes(process_start_time_seconds{job="mailman-shipper", instance=~"$host"}[2m]) > 0'),
    ],
  },
  panels: panels.map((one, i) => ({ id: i + 1, ...one })),
}

/** As the formatter has it: a list of plain values in one line. */
const text = `${JSON.stringify(dashboard, undefined, 2).replace(
  /\[\n\s+([^[\]{}\n]+(?:\n\s+[^[\]{}\n]+)*)\n\s+\]/g,
  (_, list) => `[${list.replace(/\n\s+/g, ' ')}]`,
)}\n`
const file = new URL('mailman-shipper.json', import.meta.url)
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  console.error('deploy/grafana/mailman-shipper.json is not what the code says: node deploy/grafana/generate.mjs')
  process.exitCode = 1
}
