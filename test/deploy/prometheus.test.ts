/** The alert rules for Prometheus: the real promtool takes them, they fire in 2015 and in no wave of spam, and every metric is real. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { actions } from '../../parsers/_actions.js'
import { errors } from '../../src/errors.js'
import { agentMetrics } from '../support/agent-metrics.js'
import { findPromtool } from '../support/promtool.js'
import { generate, incident2015 } from '../support/traffic/generate.mjs'

t.setTimeout(300_000)

const folder = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url))
const rulesFile = join(folder, 'mailman-shipper.rules.yml')
const testFile = join(folder, 'mailman-shipper.rules.test.yml')
const weekFile = join(folder, 'mailman-shipper.rules.week.test.yml')

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: { readonly severity?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

const rules = (parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(group => group.rules)
const alerts = rules.filter(({ alert }) => alert !== undefined)
const promtool = await findPromtool()

/** What it says; its exit code is asserted. */
function ask(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise(resolve => {
    execFile(promtool, args, { timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), said: `${stdout}${stderr}` })
    })
  })
}

t.test('promtool takes the rules and the configuration, and the unit tests pass', async t => {
  for (const args of [
    ['check', 'rules', rulesFile],
    ['check', 'config', join(folder, 'scrape.example.yml')],
    ['test', 'rules', testFile],
    ['test', 'rules', weekFile],
  ]) {
    const { code, said } = await ask(...args)
    t.equal(code, 0, `promtool ${args[0]} ${args[1]}: ${said}`)
  }
})

t.test('each alert says what is wrong and what to do, and fires in a unit test', async t => {
  t.ok(alerts.length > 10)
  const tests = [testFile, weekFile].map(file => readFileSync(file, 'utf8')).join('')
  for (const { alert = '', labels, annotations = {} } of alerts) {
    t.strictSame(Object.keys(annotations), ['summary', 'description', 'remedy'], alert)
    t.match(labels?.severity, /^(?:critical|warning|info)$/)
    t.ok(tests.includes(`alertname="${alert}"`), `${alert} is tested`)
  }
})

interface Expected {
  readonly expr: string
  /** Seconds since 1970. */
  readonly at: number
  readonly alerts: readonly string[]
}

const STEP = 120

/** A unit test of a piece of the generated traffic: the counters as they would be scraped every other minute. */
function testOf(begin: string, end: string, expected: readonly Expected[]): object {
  const [from, to] = [begin, end].map(text => Date.parse(`${text}Z`) / 1000) as [number, number]
  const length = (to - from) / STEP
  const named = rules.flatMap(({ expr }) => [...expr.matchAll(/action=~?"([^"]+)"/g)].flatMap(([, names]) => names!.split('|')))
  const counts = new Map(named.map(action => [action, new Array<number>(length + 1).fill(0)]))
  for (const minute of generate({ incident: '2015', from: begin.slice(0, 10), to: end.slice(0, 10) }))
    for (const { at, action } of minute) {
      const of = at >= from && at < to ? counts.get(action ?? '') : undefined
      if (of !== undefined) of[Math.ceil((at - from) / STEP)]!++
    }
  const host = 'job="mailman-shipper", instance="lists1:9825"'
  const series = [...counts].map(([action, each]) => {
    let sum = 0
    const values = each.map(count => {
      sum += count
      return sum
    })
    return { series: `mailman_shipper_events_total{${host}, log="all", action="${action}"}`, values: values.join(' ') }
  })
  return {
    interval: `${STEP}s`,
    input_series: [
      ...series,
      { series: `up{${host}}`, values: `1+0x${length}` },
      { series: `mailman_shipper_held_up{${host}}`, values: `0+0x${length}` },
    ],
    promql_expr_test: expected.map(({ expr, at, alerts }) => ({
      expr,
      eval_time: `${Math.ceil((at - from) / 60)}m`,
      exp_samples: alerts.map(name => ({ labels: `{alertname="${name}"}`, value: 1 })),
    })),
  }
}

t.test('generated days: quiet through a wave of spam, loud within minutes in the outage of 2015', async t => {
  const { stopped, started, mended } = incident2015
  const quiet = (at: number): Expected => ({ expr: 'count by (alertname) (count_over_time(ALERTS[2d]))', at, alerts: [] })
  const firing = (at: number, ...alerts: string[]): Expected => ({
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    at,
    alerts,
  })
  const file = join(t.testdir({}), 'corpus.yml')
  const test = {
    rule_files: [rulesFile],
    evaluation_interval: `${STEP}s`,
    tests: [
      // The wave is that of Thursday, 13:10 to 14:30.
      testOf('2015-05-13T12:00', '2015-05-14T16:00', [quiet(Date.UTC(2015, 4, 14, 16) / 1000)]),
      testOf('2015-05-18T12:00', '2015-05-19T22:00', [
        quiet(stopped),
        firing(stopped + 40 * 60, 'MailmanPostsStopped'),
        // What lay in Mailman's queue before comes out, so posts have not stopped for now.
        firing(started + 8 * 60, 'MailmanErrorsAfterRestart', 'MailmanMostPostsHeld'),
        firing(mended - 10 * 60, 'MailmanMostPostsHeld', 'MailmanPostsStopped'),
        firing(mended + 45 * 60),
      ]),
    ],
  }
  writeFileSync(file, JSON.stringify(test))
  const { code, said } = await ask('test', 'rules', file)
  t.equal(code, 0, said.slice(0, 3000))
})

t.test('every metric, action and code that the rules name is one of the real agent', async t => {
  const families = await agentMetrics(t)
  const text = rules.map(({ expr }) => expr).join('\n')
  const named = new Set([...text.matchAll(/\b(?:mailman_shipper|process)_\w+/g)].map(([name]) => name))
  t.ok(named.size > 8)
  for (const name of named) t.ok(families.has(name), name)
  const known = new Set([...Object.keys(actions), 'none', 'suspect'])
  for (const [, names] of text.matchAll(/action=~?"([^"]+)"/g)) for (const name of names!.split('|')) t.ok(known.has(name), name)
  for (const [, outcome = ''] of text.matchAll(/outcome="([^"]+)"/g))
    t.ok(families.get('mailman_shipper_documents_total')!.samples.has(JSON.stringify([['outcome', outcome]])), outcome)
  for (const [code] of readFileSync(testFile, 'utf8').matchAll(/MLS_\w+/g)) t.ok(Object.hasOwn(errors, code), code)
  const records = new Set(rules.map(({ record }) => record))
  for (const [name] of text.matchAll(/\bmailman:\w+:\w+/g)) t.ok(records.has(name), name)
})
