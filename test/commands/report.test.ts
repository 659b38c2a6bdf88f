/** `report` on both stores: the same page from each, hostile text in it harmless, options that cannot be meant refused. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import yargs, { type CommandModule } from 'yargs'
import command, { type ReportArguments, runReport } from '../../src/commands/report.js'
import { createStoreOutput } from '../../src/store/output.js'
import { batchOf, documentOf, type Given } from '../support/documents.js'
import { startNamespace } from '../support/templates.js'

const hostile = '<script>alert(1)</script> [x](javascript:y) `code` | **b** https://evil.example \x1b[2J\u202e'
const NOW = Date.UTC(2024, 2, 2)

/** Posts to 40 lists from 12:00 to 15:00, all held on the last day from 13:30 to 14:30, after a restart with an error. */
function makeDocuments(): Record<string, unknown>[] {
  const documents: Record<string, unknown>[] = []
  const add = (day: number, second: number, given: Omit<Given, 'id' | 'at'>) => {
    const at = new Date(Date.UTC(2024, 1, 1 + day, 12) + second * 1000).toISOString()
    documents.push(documentOf({ id: `event-${documents.length}`, at, offset: documents.length, message: given.action, ...given }))
  }
  for (const day of [14, 21, 28]) {
    for (let i = 0; i < 360; i++) {
      const isOut = day === 28 && i >= 180 && i < 300
      const list = isOut && i % 40 === 7 ? hostile : `list${i % 40}`
      const post = {
        list,
        from: isOut && i % 40 === 7 ? hostile : `p${i % 50}@example.org`,
        messageId: `${day}-${i}@example.org`,
      }
      if (isOut) add(day, i * 30, { ...post, action: 'message-held', reason: hostile })
      else add(day, i * 30, { ...post, action: 'message-posted', log: 'post' })
    }
  }
  const restart = 180 * 30 - 60
  add(28, restart - 20, { action: 'master-signal', log: 'qrunner', more: { mailman: { runner: { signal: 'SIGTERM' } } } })
  for (let i = 0; i < 8; i++) add(28, restart, { action: 'runner-started', log: 'qrunner' })
  add(28, restart + 5, { action: 'error-raised', log: 'error', message: `${hostile}\nTraceback` })
  add(28, restart + 6, { action: 'config-error', log: 'error', message: `bad ${hostile}` })
  add(28, restart + 7, { action: 'master-signal', log: 'error', message: 'forged SIGINT', more: { tags: ['mailman_suspect'] } })
  for (const i of [181, 182, 183])
    add(28, 14_000 + i, { action: 'message-approved', list: `list${i % 40}`, messageId: `28-${i}@example.org` })
  add(28, 14_100, { action: 'message-discarded', list: `list${184 % 40}`, from: `p${184 % 50}@example.org` })
  return documents
}

async function report(given: ReportArguments): Promise<string> {
  const out: string[] = []
  await runReport({ from: '2024-02-29T12:00', to: '2024-02-29T15:00', ...given }, line => out.push(line), NOW)
  return out.join('\n')
}

async function makeSite(): Promise<string> {
  const directory = t.testdir()
  const config = join(directory, 'config.yaml')
  writeFileSync(config, 'logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\nlocal: { file: events.db }\n')
  const output = createStoreOutput({ file: join(directory, 'events.db'), keepDays: 90 })
  await output.write(batchOf(makeDocuments()), new AbortController().signal)
  await output.close()
  return config
}

const config = await makeSite()

t.test('a page', async t => {
  const page = await report({ config })
  t.match(
    page,
    /\*\*Posts were held up on the whole host \(40 lists, not one\) from 2024-02-29 13:30:00 until 2024-02-29 14:29:30/,
  )
  t.match(page, /last started 60 s before the first hold, at 2024-02-29 13:29:00; 2 records in the error log/)
  t.match(page, /Usual is what was in the same hours of 2 weeks before \(1, 2 weeks ago\): 720 events in all\.\n/)
  t.match(page, /Of 120 held messages, 3 were approved later and 1 discarded or refused; of \*\*116\*\* no decision/)
  t.match(page, /13:28:40 Mailman was told to stop/)
  t.notMatch(page, /forged|SIGINT/, 'what may be forged is no change')
})

t.test('on a terminal lines fit, and it is the same Markdown', async t => {
  const out: string[] = []
  await runReport({ config, from: '2024-02-29T12:00', to: '2024-02-29T15:00' }, line => out.push(line), NOW, 60)
  const prose = out.filter(line => !/^[|#]/.test(line))
  t.strictSame(
    prose.filter(line => line.length > 60),
    [],
  )
  const words = (text: string) => text.replace(/\s+/g, '')
  t.equal(words(out.join('\n')), words(await report({ config })))
  t.ok(prose.some(line => line.startsWith('  ')) && out.length > (await report({ config })).split('\n').length)
})

t.test('a time of which nothing is stored', async t => {
  const page = await report({ config, from: '2020-01-01', to: '2020-01-02' })
  t.match(page, /\*\*No event of that time is stored\.\*\*/)
  t.notMatch(page, /## Counts/)
})

t.test('one list', async t => {
  const page = await report({ config, list: 'List7' })
  t.match(page, /^# Incident report on list7: /)
  t.match(page, /\| message-posted \| 6 \| 9 \|/)
  await t.rejects(report({ config, list: 'nosuch' }), {
    code: 'MLS_USAGE_INVALID',
    message: /--list: no event names the list nosuch/,
  })
})

t.test('hostile text is text', async t => {
  const page = await report({ config })
  t.match(
    page,
    /&lt;script&gt;alert\\\(1\\\)&lt;\/script&gt; \\\[x\\\]\\\(javascript:y\\\) \\`code\\` \\\| \\\*\\\*b/,
    'it is in the page',
  )
  // Ours: a field's name in the meaning of a reason.
  const rest = page.replaceAll('`mailman.hold.reason_text`', '').replace(/\\./g, '')
  t.strictSame(rest.match(/[<>`\x1b\u202e[\]]|:\/|www\./g), null, 'and makes no markup')
  const cells = rest
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(row => row.split('|').length - 2)
  t.ok(cells.length > 50 && cells.every(count => [2, 3, 4, 7].includes(count)), 'and no cell')
})

t.test('for machines', async t => {
  const json = await report({ config, json: true })
  t.notMatch(json, /[\x1b\u202e]/)
  const { incidents, usual, zone } = JSON.parse(json)
  t.match({ usual, zone }, { usual: { unit: 'weeks', distances: [1, 2] }, zone: 'UTC' })
  t.match(incidents, [
    { fromMs: Date.UTC(2024, 1, 29, 13, 30), hit: { kind: 'held-up', scope: 'host' }, decisions: { open: 116 } },
  ])
})

t.test('what cannot be meant is refused, by the option’s name', async t => {
  await t.rejects(report({ config, from: 'yesterday' }), { code: 'MLS_USAGE_INVALID', message: /--from/ })
  await t.rejects(report({ config, to: 'noon' }), { code: 'MLS_USAGE_INVALID', message: /--to/ })
  await t.rejects(report({ config, from: '2024-02-29', to: '2024-02-28' }), { code: 'MLS_USAGE_INVALID' })
  await t.rejects(report({ config, from: '2024-01-01', to: '2024-02-29' }), { code: 'MLS_USAGE_INVALID', message: /31 days/ })
  const parsed = yargs(['report'])
    .command({ ...command, handler: () => {} } as unknown as CommandModule)
    .exitProcess(false)
    .fail(message => {
      throw new Error(message)
    })
  await t.rejects(async () => parsed.parseAsync(), /from/)
})

t.test('Elasticsearch: the same page', async t => {
  const { server, namespace, client } = await startNamespace(t)
  const directory = t.testdir()
  const operations = makeDocuments().flatMap(document => {
    const { id, dataset } = document.event as { id: string; dataset: string }
    return [{ create: { _index: `logs-${dataset}-${namespace}`, _id: id } }, document]
  })
  t.notOk((await client.bulk({ operations, refresh: true })).errors)
  writeFileSync(join(directory, 'password'), server.password, { mode: 0o600 })
  const ofCluster = join(directory, 'config.yaml')
  const fields = `nodes: ["${server.url}"], caFile: ${server.caFile}, username: ${server.user}, passwordFile: password`
  writeFileSync(ofCluster, `logs: { timezone: UTC }\nelasticsearch: { ${fields}, namespace: ${namespace} }\n`)
  t.equal(await report({ config: ofCluster }), await report({ config }))
  t.equal(await report({ config: ofCluster, list: 'list8' }), await report({ config, list: 'list8' }))
})
