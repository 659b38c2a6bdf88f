/**
 * The dashboard for Grafana: it is what the script makes, it holds together, and each of its queries shows something of the metrics
 * that a real agent has, by Prometheus' own engine. No Grafana can run in the tests.
 */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { actions } from '../../parsers/_actions.js'
import { agentMetrics } from '../support/agent-metrics.js'
import { findPromtool } from '../support/promtool.js'

t.setTimeout(300_000)

const folder = new URL('../../deploy/grafana/', import.meta.url)

interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

interface Panel {
  id: number
  readonly type: string
  readonly title: string
  gridPos: Place
  readonly datasource?: object
  readonly targets?: { refId: string; expr: string; legendFormat: string; datasource: object }[]
}

interface Dashboard {
  readonly uid: string
  readonly panels: Panel[]
  readonly templating: { readonly list: { readonly name: string; readonly type: string; readonly definition?: string }[] }
  readonly annotations: { readonly list: { readonly expr: string }[] }
}

const read = (): Dashboard => JSON.parse(readFileSync(new URL('mailman-shipper.json', folder), 'utf8')) as Dashboard
const dashboard = read()

function complaints({ panels, templating }: Dashboard): string[] {
  const found: string[] = []
  if (new Set(panels.map(({ id }) => id)).size !== panels.length) found.push('an id twice')
  const overlap = (a: Place, b: Place): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
  const variable = JSON.stringify({ type: 'prometheus', uid: `\${datasource}` })
  const variables = new Set(templating.list.map(({ name }) => name))
  for (const [i, { title, type, gridPos, targets = [], datasource }] of panels.entries()) {
    const { x, y, w, h } = gridPos
    if (![x, y, w, h].every(Number.isInteger) || x < 0 || w < 1 || h < 1 || x + w > 24) found.push(`${title}: place`)
    for (const other of panels.slice(i + 1)) if (overlap(gridPos, other.gridPos)) found.push(`${title} lies on ${other.title}`)
    if (type === 'row') continue
    if (targets.length === 0) found.push(`${title} asks nothing`)
    if (new Set(targets.map(({ refId }) => refId)).size !== targets.length) found.push(`${title}: a refId twice`)
    for (const source of [datasource, ...targets.map(one => one.datasource)])
      if (JSON.stringify(source) !== variable) found.push(`${title}: datasource`)
    for (const { expr } of targets)
      for (const [, name = ''] of expr.matchAll(/\$\{?(\w+)/g))
        if (!variables.has(name) && name !== '__rate_interval') found.push(`${title}: $${name}`)
  }
  return found
}

t.test('it is what the script makes', async t => {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('generate.mjs', folder)), '--check'])
  t.equal(status, 0, stderr.toString())
})

t.test('it holds together, and each of these checks can fail', async t => {
  t.equal(dashboard.uid, 'mailman-shipper')
  t.ok(dashboard.panels.length > 20)
  t.strictSame(complaints(dashboard), [])
  const broken = (change: (panel: Panel, next: Panel) => void): string[] => {
    const copy = read()
    change(copy.panels[0]!, copy.panels[1]!)
    return complaints(copy)
  }
  const place = (panel: Panel, gridPos: Partial<Place>): void => {
    panel.gridPos = { ...panel.gridPos, ...gridPos }
  }
  const target = (panel: Panel, changed: object): void => void Object.assign(panel.targets![0]!, changed)
  for (const change of [
    (panel: Panel, next: Panel) => void Object.assign(panel, { id: next.id }),
    (panel: Panel, next: Panel) => place(panel, { x: next.gridPos.x }),
    (panel: Panel) => place(panel, { x: -1, w: 1 }),
    (panel: Panel) => void panel.targets!.pop(),
    (panel: Panel) => void panel.targets!.push(panel.targets![0]!),
    (panel: Panel) => target(panel, { expr: 'up{instance="$nobody"}' }),
    (panel: Panel) => target(panel, { datasource: { uid: 'other' } }),
  ])
    t.equal(broken(change).length, 1, `${change}: ${broken(change)}`)
})

t.test('each query shows something of what a real agent exports', async t => {
  const families = await agentMetrics(t)
  const minutes = 600
  const series = [...families].flatMap(([name, { samples }]) =>
    [...samples].map(([key, value]) => {
      const labels = (JSON.parse(key) as [string, string][]).map(([label, text]) => `${label}="${text}"`)
      const site = ['job="mailman-shipper"', 'instance="lists1:9825"']
      return { series: `${name}{${[...site, ...labels].join(', ')}}`, values: `${value}+1x${minutes}` }
    }),
  )
  const asked = [
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
    ),
    ...dashboard.annotations.list.map(({ expr }) => ({ title: 'annotation', expr, legendFormat: '' })),
    ...dashboard.templating.list.flatMap(({ name, definition = '' }) => {
      const [, metric = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? []
      return metric === '' ? [] : [{ title: `variable ${name}`, expr: metric, legendFormat: `{{${label}}}` }]
    }),
  ]
  t.ok(asked.length > 40)
  const fill = (expr: string) => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(?:host|list)\b/g, '.+')
  const names = new Set(
    asked.flatMap(({ expr }) => [...expr.matchAll(/\b(?:mailman_shipper|process|nodejs)_\w+/g)].map(([name]) => name)),
  )
  for (const name of names) t.ok(families.has(name), `${name} is exported`)
  const known = new Set([...Object.keys(actions), 'none', 'suspect'])
  for (const { expr } of asked)
    for (const [, pattern = ''] of expr.matchAll(/action=~"([^"]+)"/g))
      for (const one of pattern.split('|'))
        t.ok(
          [...known].some(name => new RegExp(`^(?:${one})$`).test(name)),
          one,
        )

  // Each series of an answer has each label that its legend names: else the count is of more than one kind.
  const promql_expr_test = asked.map(({ expr, legendFormat }) => {
    const labels = [...new Set([...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!))]
    const marked = labels.reduce((inner, label) => `label_replace(${inner}, "has_${label}", "yes", "${label}", ".+")`, fill(expr))
    const by = labels.map(label => `has_${label}`)
    return {
      expr: `count by (${by}) (${marked}) > bool 0`,
      eval_time: `${minutes}m`,
      exp_samples: [{ labels: `{${by.map(label => `${label}="yes"`)}}`, value: 1 }],
    }
  })
  const file = join(t.testdir({}), 'dashboard.yml')
  writeFileSync(
    file,
    JSON.stringify({ evaluation_interval: '1m', tests: [{ interval: '1m', input_series: series, promql_expr_test }] }),
  )
  const promtool = await findPromtool()
  const { code, said } = await new Promise<{ code: number; said: string }>(resolve => {
    execFile(promtool, ['test', 'rules', file], { timeout: 120_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), said: `${stdout}${stderr}` })
    })
  })
  t.equal(code, 0, said.slice(0, 4000))
})
