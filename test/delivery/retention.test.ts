// The retention of streams that exist: the test server lacks this part, so a server that has it is imitated.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { readRetention } from '../../src/commands/setup-retention.js'
import { connect } from '../../src/delivery/client.js'
import { planRetention, type Retention } from '../../src/delivery/retention.js'
import { takeStep } from '../../src/delivery/step.js'
import type { ShipperError } from '../../src/errors.js'
import { makeConfig } from '../support/batch.js'
import { makePipelineConfig } from '../support/site-config.js'

const fresh = {
  'logs-mailman.vette-default': { data_retention: '7d' },
  'logs-mailman.post-default': undefined,
  'logs-mailman.smtp-default': { data_retention: '90d' },
  'logs-mailman.smtp-x-default': { data_retention: '90d' },
}

/** Holds index templates and the lifecycles of streams; `setup` is one setup after the other, `put` what it changed of streams. */
async function startCluster(t: Test, streams: Record<string, object | undefined> = { ...fresh }) {
  const templates = new Map<string, unknown>()
  let put: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const url = decodeURIComponent(request.url!)
    const answer = (status: number, content: object) => {
      response.writeHead(status, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' })
      response.end(JSON.stringify(content))
    }
    const name = url.split('/')[2] ?? ''
    if (url === '/') return answer(200, { version: { number: '9.5.0' } })
    if (url.startsWith('/_index_template/')) {
      if (request.method === 'PUT') templates.set(name, JSON.parse(body))
      const found = [...templates].filter(([each]) => each === name || name.includes('*'))
      return answer(found.length > 0 ? 200 : 404, {
        index_templates: found.map(([each, index_template]) => ({ name: each, index_template })),
      })
    }
    if (request.method === 'PUT') {
      put.push(`${name} ${JSON.parse(body).data_retention}`)
      streams[name] = JSON.parse(body)
    }
    return answer(200, { data_streams: Object.entries(streams).map(([each, lifecycle]) => ({ name: each, lifecycle })) })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { client, close } = await connect(makeConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  t.teardown(async () => {
    await close()
    server.close()
  })
  const setup = async (given: Retention = { of: new Map() }) => {
    put = []
    const missing = { templates: [], streams: [] }
    const steps: string[] = []
    for (const plan of await planRetention(client, { namespace: 'default', given, missing })) {
      const { name, status, detail } = await takeStep(plan)
      steps.push(`${status} ${name}: ${detail}`)
    }
    return { steps, put }
  }
  return { setup, templates }
}

t.test('nothing chosen: streams without a retention get one, what a site chose stays', async t => {
  const { setup } = await startCluster(t)
  t.same(await setup(), {
    steps: [`done retention of existing streams: post set to 90 days; vette 7 days; smtp 90 days`],
    put: ['logs-mailman.post-default 90d'],
  })
  t.same(await setup(), {
    steps: [`unchanged retention of existing streams: vette 7 days; post, smtp 90 days`],
    put: [],
  })
})

t.test('what is chosen is set, and stays when setup is repeated', async t => {
  const { setup, templates } = await startCluster(t)
  const first = await setup({ all: 30, of: new Map([['mailman.smtp', 365]]) })
  t.same(first.steps, [
    'done retention of smtp: 365 days',
    'done retention of other logs: 30 days',
    'done retention of existing streams: vette set to 30 days, 7 days before; post set to 30 days; smtp set to 365 days, 90 days before',
  ])
  t.same(first.put, ['logs-mailman.vette-default 30d', 'logs-mailman.post-default 30d', 'logs-mailman.smtp-default 365d'])
  t.match(templates.get('logs-mailman.smtp-default'), {
    index_patterns: ['logs-mailman.smtp-default'],
    priority: 270,
    data_stream: {},
    template: { lifecycle: { data_retention: '365d' } },
    _meta: { managed_by: 'mailman-shipper' },
  })
  t.match(templates.get('logs-mailman-default'), { index_patterns: ['logs-mailman.*-default'], priority: 260 })
  t.same(await setup(), {
    steps: [
      'unchanged retention of smtp: 365 days, as set before',
      'unchanged retention of other logs: 30 days, as set before',
      'unchanged retention of existing streams: post, vette 30 days; smtp 365 days',
    ],
    put: [],
  })
  const third = await setup({ all: 60, of: new Map([['mailman.bounce', 14]]) })
  t.same(third.steps.slice(0, 3), [
    'done retention of bounce: 14 days',
    'unchanged retention of smtp: 365 days, as set before',
    'done retention of other logs: 60 days, 30 before',
  ])
  t.same(third.put, ['logs-mailman.vette-default 60d', 'logs-mailman.post-default 60d'], 'a log of its own days keeps them')
})

t.test('what others made is left alone', async t => {
  const { setup, templates } = await startCluster(t)
  templates.set('logs-mailman.smtp-default', { index_patterns: ['logs-mailman.smtp-default'], data_stream: {} })
  const { steps } = await setup({ of: new Map([['mailman.smtp', 365]]) })
  t.match(steps[0], /^skipped retention of smtp: an index template logs-mailman.smtp-default exists that is not ours/)
})

t.test('the command line', async t => {
  const config = makePipelineConfig('/logs', '/state')
  const read = (keepDaysOf: string[], keepDays?: number) => {
    const { all, of } = readRetention({ keepDays, keepDaysOf }, { ...config, logs: { ...config.logs, names: ['archive'] } })
    return { all, ...Object.fromEntries(of) }
  }
  t.same(read(['subscribe=365', 'smtp-failure=30', 'archive=1', 'mailman=7'], 90), {
    all: 90,
    'mailman.subscribe': 365,
    'mailman.smtp_failure': 30,
    'mailman.archive': 1,
    'mailman.core': 7,
  })
  t.same(read(['mailman.smtp_failure=30']), { all: undefined, 'mailman.smtp_failure': 30 })
  for (const [given, sentence] of [
    ['subscrib=365', '--keep-days-of subscrib: unknown; did you mean subscribe?'],
    ['zzz=1', '--keep-days-of zzz: unknown; valid here: agent, alerts, archive, bounce, '],
    ['smtp', '--keep-days-of smtp: a log and its days are wanted, such as subscribe=365'],
    ['smtp=forever', '--keep-days-of smtp=forever: a log and its days are wanted'],
    ['smtp=0', '--keep-days-of smtp: a whole number of days, 1 to 36500, is wanted'],
    ['\x1b[2J=1', '--keep-days-of \\x1b[2J: unknown'],
  ] as const)
    try {
      read([given])
      t.fail(given)
    } catch (error) {
      t.match(error, { code: 'MLS_USAGE_INVALID' })
      t.equal((error as ShipperError).detail.slice(0, sentence.length), sentence)
    }
  t.throws(() => read(['smtp=1', 'mailman.smtp=2']), { message: /--keep-days-of mailman.smtp: is there twice$/ })
  for (const days of [0, 1.5, Number.NaN, 36_501]) t.throws(() => read([], days), { message: /--keep-days: a whole number/ })
})
