/** The detector in the agent: it learns from weeks of logs, and tells of an outage as it begins, whatever happens to the agent. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { errors } from '@elastic/elasticsearch'
import t, { type Test } from 'tap'
import { loadSnapshot } from '../src/checkpoint/snapshot.js'
import { AgentProcess, runProgram } from './support/agent-process.js'
import { startMailServer } from './support/mail-server.js'
import { type OutageStory, tellOutage } from './support/outage-story.js'
import { startSite } from './support/setup.js'
import { type AgentSite, makeAgentSite } from './support/site-config.js'
import { readEmbedded, type StoredDocument } from './support/stored.js'
import { until } from './support/until.js'

interface AlertDocument extends StoredDocument {
  readonly '@timestamp': string
  readonly event: StoredDocument['event'] & { readonly dataset: string; readonly start: string }
  readonly mailman: {
    readonly alert: {
      readonly kind: string
      readonly severity: string
      readonly held: number
      readonly before?: readonly string[]
    }
    readonly list?: { readonly name: string }
  }
}

/** Alerts in the store so far. */
function alertsIn({ store }: AgentSite): AlertDocument[] {
  try {
    return (readEmbedded(store) as AlertDocument[]).filter(({ event }) => event.dataset === 'mailman.alerts')
  } catch {
    return []
  }
}

const outagesIn = (site: AgentSite, action = 'alert-raised'): AlertDocument[] =>
  alertsIn(site).filter(
    ({ event, mailman: { alert, list } }) => event.action === action && alert.kind === 'holds-spike' && list === undefined,
  )

async function startHook(t: Test) {
  const received: { readonly id: string; readonly moment: string }[] = []
  const server = createServer((request, response) => {
    json(request).then(
      body => {
        received.push(body as { id: string; moment: string })
        response.end('{}')
      },
      () => {}, // cut off
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => new Promise(resolve => server.close(resolve)))
  const take = (count: number): Promise<unknown> =>
    until(
      () => received.length >= count,
      () => `${received.length} of ${count} posts`,
    )
  return { port: (server.address() as AddressInfo).port, received, take }
}

async function start(
  t: Test,
  alerts: Record<string, unknown> = {},
): Promise<{ agent: AgentProcess; site: AgentSite; story: OutageStory }> {
  const site = makeAgentSite(t.testdir(), { alerts })
  const story = tellOutage(site.logs)
  const agent = new AgentProcess(site.configFile)
  t.teardown(() => agent.end('SIGKILL'))
  agent.start()
  return { agent, site, story }
}

/** Until the weeks before are read, and what was learned is saved. */
const learned = (site: AgentSite): Promise<unknown> =>
  until(
    async () => ((await loadSnapshot(site.state, 'detector')) as { isBehind: boolean } | undefined)?.isBehind === false,
    () => `the past is learned: ${alertsIn(site).length} alerts`,
    120_000,
  )

t.test('an outage is told with the restart before it; of the past only what is younger than a week', async t => {
  const directory = t.testdir()
  const { client, elasticsearch } = await startSite(t, directory)
  // Changed since the last start that the logs know of, and never loaded.
  const settings = join(directory, 'mm_cfg.py')
  writeFileSync(settings, 'KNOWN_SPAMMERS = [("subject", "")]\n')
  const site = makeAgentSite(directory, {
    elasticsearch,
    alerts: { guards: { configuration: { files: [settings], afterHours: 0 } } },
  })
  const story = tellOutage(site.logs, Date.now() + 1_000)
  const agent = new AgentProcess(site.configFile)
  t.teardown(() => agent.end('SIGKILL'))
  agent.start()
  const stored = async (action: string, kind: string): Promise<AlertDocument[]> => {
    const index = `logs-mailman.alerts-${elasticsearch.namespace}`
    await client.indices.refresh({ index, ignore_unavailable: true })
    const query = { bool: { filter: [{ term: { 'event.action': action } }, { term: { 'mailman.alert.kind': kind } }] } }
    const found = await client
      .search<AlertDocument>({ index, ignore_unavailable: true, size: 1000, query })
      .catch((error: errors.ResponseError) => {
        if (error.statusCode !== 503) throw error
        return undefined // the index is being made, and has no shard yet
      })
    const hits = found?.hits.hits ?? []
    return hits.map(({ _source }) => _source!).filter(({ mailman }) => mailman.list === undefined)
  }
  await until(
    async () => (await stored('alert-ended', 'spam-wave')).length > 0,
    () => 'the past is learned',
  )
  await until(
    async () => (await stored('alert-raised', 'config-not-loaded')).length > 0,
    () => 'the change is seen',
  )
  t.same(await stored('alert-raised', 'holds-spike'), [])
  const weekMs = 7 * 86_400_000
  for (const { '@timestamp': at } of await stored('alert-raised', 'spam-wave')) t.ok(Date.parse(at) > story.startedMs - weekMs)
  story.goOn(120)
  let told: AlertDocument | undefined
  await until(
    async () => {
      ;[told] = await stored('alert-raised', 'holds-spike')
      return told !== undefined
    },
    () => 'an alert',
  )
  t.match(told, { mailman: { alert: { severity: 'critical' } }, event: { kind: 'alert' } })
  t.ok(told!.mailman.alert.held <= 10, `${told!.mailman.alert.held} held`)
  t.match(told!.mailman.alert.before?.join('\n'), /Mailman was restarted, and logged \d+ errors/)
  t.match(told!.mailman.alert.before?.join('\n'), /Mailman was stopped/)
  t.match(told!.mailman.alert.before?.join('\n'), /mm_cfg\.py, changed .* was loaded by this start/)
  t.equal(await agent.end('SIGTERM'), 0)
})

t.test('people hear of it by mail and by a webhook, killed in between or not, until it is over', async t => {
  const mail = await startMailServer(t)
  const hook = await startHook(t)
  const { site, story, agent } = await start(t, {
    mail: {
      servers: [`smtp://127.0.0.1:${mail.port}`],
      from: 'shipper@lists.example.org',
      to: ['oncall@example.org'],
      least: 'critical',
    },
    webhooks: [{ url: `http://127.0.0.1:${hook.port}/`, least: 'critical' }],
  })
  await learned(site)
  t.same([mail.received.length, hook.received.length], [0, 0], 'nobody hears of the past')
  // Killed while it begins, while it is decided, and while it is told; whatever is on its way then is cut off.
  for (const seconds of [10, 20, 40, 120, 300, 600]) {
    story.goOn(seconds)
    await agent.end('SIGKILL')
    agent.start()
    const before = agent.log.length
    await until(
      () => agent.log.slice(before).some(({ msg }) => msg === 'started'),
      () => 'the agent has started',
    )
  }
  await mail.take(1)
  await hook.take(1)
  t.equal(outagesIn(site).length, 1)
  const ids = alertsIn(site).map(({ event }) => event.id)
  t.equal(new Set(ids).size, ids.length, 'no event is stored twice')
  const sayings = () => [
    new Set(mail.received.map(({ mail }) => mail.messageId)).size,
    new Set(hook.received.map(({ id }) => id)).size,
  ]
  t.same(sayings(), [1, 1], `what comes twice has the same id: ${JSON.stringify(hook.received)}`)
  t.match(mail.received[0]!.mail.subject, /^\[critical\] /)
  t.match(mail.received[0]!.mail.text, /Mailman was restarted, and logged \d+ errors/)
  t.match(hook.received[0], { moment: 'raised', alerts: [{ kind: 'holds-spike', list: null, severity: 'critical' }] })

  const listed = JSON.parse((await runProgram(['alerts', 'list', '--json', '--config', site.configFile])).stdout.split('\n')[0]!)
  t.match(listed, { kind: 'holds-spike', severity: 'critical' })
  t.match(await runProgram(['alerts', 'ack', listed.key, '--config', site.configFile]), { code: 0 })
  t.match((await runProgram(['alerts', 'list', '--config', site.configFile])).stdout, /acknowledged/)
  t.match((await runProgram(['status', '--config', site.configFile])).stdout, /holds-spike/)

  story.goOn(3.3 * 3600) // it was mended after 2 hours and 58 minutes
  await until(
    () => outagesIn(site, 'alert-ended').length > 0,
    () => 'its end',
  )
  await until(
    () =>
      hook.received.some(({ moment }) => moment === 'ended') && mail.received.some(({ mail }) => /over/.test(mail.subject ?? '')),
    () => `the end is told: ${hook.received.map(({ moment }) => moment)}`,
  )
  await agent.end('SIGTERM')
})

t.test('run --once learns, and tells nothing', async t => {
  const site = makeAgentSite(t.testdir())
  const story = tellOutage(site.logs)
  const once = new AgentProcess(site.configFile, '--once')
  t.teardown(() => once.end('SIGKILL'))
  once.start()
  t.equal(await once.exit(), 0)
  t.same(alertsIn(site), [])
  const agent = new AgentProcess(site.configFile)
  t.teardown(() => agent.end('SIGKILL'))
  agent.start()
  story.goOn(120)
  await until(
    () => outagesIn(site).length > 0,
    () => 'an alert, from what was learned before',
  )
  await agent.end('SIGTERM')
})
