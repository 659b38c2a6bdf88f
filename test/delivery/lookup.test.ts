/**
 * F59, on real servers with real rollovers: what an older backing index holds is found before it is sent again, whether it was
 * refreshed or not; a look-up that fails holds up; one that is not allowed, or not due, is not made.
 */
import t, { type Test } from 'tap'
import { createElasticsearchOutput, type ElasticsearchOutput, type OutputOptions } from '../../src/delivery/elasticsearch.js'
import { weave } from '../../src/delivery/lookup.js'
import { perform } from '../../src/delivery/request.js'
import type { Answer, WriteIndexes } from '../../src/model.js'
import { makeBatch, makeConfig } from '../support/batch.js'
import { startElasticsearch } from '../support/elasticsearch.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { makeSite, type Site } from '../support/setup.js'

t.setTimeout(900_000)

const ANY_TIME: readonly WriteIndexes[] = [new Map()]
const never = new AbortController().signal

function open(t: Test, config: Site['config'], options: Partial<OutputOptions> = {}): ElasticsearchOutput {
  const output = createElasticsearchOutput(config, { warn: message => t.fail(`no warning expected: ${message}`), ...options })
  t.teardown(() => output.close())
  return output
}

/** @param ids `smtp:a` is of another stream */
function write(output: ElasticsearchOutput, ids: readonly string[], doubts?: readonly WriteIndexes[]): Promise<Answer> {
  const documents = ids.map(id => ({ id, dataset: id.startsWith('smtp:') ? 'mailman.smtp' : 'mailman.vette' }))
  return output.write({ ...makeBatch(output, documents), ...(doubts === undefined ? {} : { doubts }) }, never)
}

/** `ok`, or what it waits for; else a letter for each document: stored, duplicate… */
const said = (answer: Answer): string =>
  'holdUp' in answer ? `${answer.holdUp.code}: ${answer.holdUp.detail}` : answer.outcomes.map(({ status }) => status[0]).join('')

for (const version of ['9.5.0', '8.19.0'] as const) {
  t.test(`Elasticsearch ${version}`, async t => {
    const server = await startElasticsearch({ version })
    t.teardown(() => server.stop())
    const site = makeSite(server, t.testdir({}))
    t.equal((await site.setup({ allowLookup: true })).code, 0)
    const admin = await site.admin()
    t.teardown(() => admin.close())
    const stream = (log: string): string => `logs-mailman.${log}-${site.config.namespace}`
    const put = (path: string, body: object): Promise<unknown> =>
      perform(admin.client, { method: 'PUT', path, body: body as never })
    const post = (path: string): Promise<unknown> => perform(admin.client, { method: 'POST', path })
    const rollOver = (log = 'vette'): Promise<unknown> => post(`/${stream(log)}/_rollover`)

    const output = open(t, site.config)
    t.equal(said(await write(output, ['a', 'b', 'smtp:a'], ANY_TIME)), 'sss', 'streams that are not there yet')
    t.same(output.writeIndexes, new Map(), 'none was there when it looked')
    t.equal(said(await write(output, ['a', 'c'], ANY_TIME)), 'ds')
    const first = output.writeIndexes!
    t.match(first.get(stream('vette')), /-000001$/)
    t.equal([...first.keys()].sort().join(), `${stream('smtp')},${stream('vette')}`)

    // Nothing is searchable from now on before somebody refreshes: a look-up must not need it.
    await put(`/${stream('vette')}/_settings`, { index: { refresh_interval: '-1' } })
    t.equal(said(await write(output, ['late'])), 's')
    await rollOver()
    t.equal(said(await write(output, ['late', 'a', 'new', 'c', 'smtp:a'], ANY_TIME)), 'ddsdd', 'found in the older index')
    const second = output.writeIndexes!
    t.match(second.get(stream('vette')), /-000002$/)
    await rollOver()
    t.equal(said(await write(output, ['late', 'new', 'a'], ANY_TIME)), 'ddd', 'all of it found: nothing is sent')
    t.equal(said(await write(output, ['new', 'newer'], [second])), 'ds', 'since the second index')
    t.equal(said(await write(output, ['late', 'newest'], [second, first])), 'ds', 'since the oldest of several')
    await rollOver()
    await rollOver()
    t.equal(said(await write(output, ['late', 'newer', 'new', 'last', 'b'], [first])), 'dddsd', 'three indices later')
    const gone = new Map([[stream('vette'), '.ds-logs-mailman.vette-gone-2020.01.01-000001']])
    t.equal(said(await write(output, ['late', 'newer'], [gone])), 'dd', 'since one that is not there any more: all are asked')

    await t.test('what is not in doubt is not looked up', async t => {
      t.equal(said(await write(output, ['late'])), 's', 'and is stored a second time')
    })
    await t.test('everything in doubt', async t => {
      t.equal(said(await write(open(t, site.config, { doubtAll: true }), ['b', 'newer', 'b2'])), 'dds')
    })
    await t.test('a look-up that fails', async t => {
      const index = first.get(stream('vette'))!
      await post(`/${index}/_close`)
      const held = await write(output, ['b', 'brand-new'], ANY_TIME)
      t.match(
        said(held),
        `MLS_OUTPUT_SERVER: what may be stored already cannot be looked up in ${index} (index_closed_exception)`,
      )
      t.equal(said(await write(output, ['brand-new'])), 's', 'was not sent before')
      await post(`/${index}/_open?wait_for_active_shards=1`)
      t.equal(said(await write(output, ['b', 'brand-new'], ANY_TIME)), 'dd')
    })
    await t.test('an index that was deleted meanwhile', async t => {
      await perform(admin.client, { method: 'DELETE', path: `/${first.get(stream('vette'))}` })
      t.equal(said(await write(output, ['b', 'newer'], [first])), 'sd', 'what was in it is stored nowhere')
    })
    await t.test('a key that may only create', async t => {
      const plain = makeSite(server, t.testdir({}))
      t.equal((await plain.setup()).code, 0)
      const output = open(t, plain.config)
      t.equal(said(await write(output, ['a'], ANY_TIME)), 's')
      t.equal(said(await write(output, ['a'], ANY_TIME)), 'd', 'the write index compares ids')
      await post(`/logs-mailman.vette-${plain.config.namespace}/_rollover`)
      t.equal(said(await write(output, ['a'], ANY_TIME)), 's', 'the next one does not know them')
      t.equal(output.writeIndexes, undefined)

      const warnings: string[] = []
      const after = open(t, plain.config, { warn: message => warnings.push(message) })
      for (const id of ['b', 'c']) t.equal(said(await write(after, [id], [first])), 's')
      t.match(warnings, [/may no longer read/], 'an earlier key could: told once')
    })
  })
}

t.test('a server that knows nothing of it', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const output = open(t, makeConfig(server.url))
  t.equal(said(await write(output, ['a', 'b'], ANY_TIME)), 'ss')
  t.equal(said(await write(output, ['a', 'c'], ANY_TIME)), 'ds')
})

t.test('answers are woven into their places', async t => {
  const stored = { status: 'stored' } as const
  const retry = { status: 'retry', reason: '429' } as const
  t.equal(said(weave({ outcomes: [stored, retry, stored] }, new Set([0, 3]), 5)), 'dsrds')
  t.equal(said(weave({ outcomes: [] }, new Set([0, 1]), 2)), 'dd')
  const holdUp = { holdUp: { code: 'MLS_OUTPUT_BUSY', detail: '' } } as const
  t.equal(weave(holdUp, new Set([0]), 2), holdUp)
})
