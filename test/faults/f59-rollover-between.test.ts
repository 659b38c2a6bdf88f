/**
 * F59: a rollover between the look-up and the request stores nothing twice. The real server cannot be made to roll over at that
 * moment; this one has what a data stream is made of, and does.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import { makeBatch, makeConfig } from '../support/batch.js'

const STREAM = 'logs-mailman.vette-default'

t.test('what the write index of the look-up holds', async t => {
  /** Backing indices, the write index last: the ids in each. */
  const indices = [new Set<string>()]
  const nameOf = (place: number): string => `.ds-${STREAM}-2026.11.20-00000${place + 1}`
  let rollsOver = false

  const answer = (method: string, path: string, body: string): object => {
    if (path === '/') return { version: { number: '9.5.0' } }
    if (path === '/_index_template/logs-mailman')
      return { index_templates: [{ index_template: { _meta: { managed_by: 'mailman-shipper' } } }] }
    if (path === '/_security/user/_has_privileges') return { index: { 'logs-mailman.*-default': { read: true } } }
    if (path.startsWith('/_resolve/index/'))
      return { data_streams: [{ name: STREAM, backing_indices: indices.map((_, place) => nameOf(place)) }] }
    if (path.endsWith('/_mget')) {
      const place = indices.findIndex((_, place) => path === `/${encodeURIComponent(nameOf(place))}/_mget`)
      return { docs: (JSON.parse(body) as { ids: string[] }).ids.map(id => ({ found: indices[place]!.has(id) })) }
    }
    if (path !== '/_bulk') throw new Error(`${method} ${path}`)
    if (rollsOver) indices.push(new Set())
    const lines = body.split('\n').slice(0, -1)
    const items = lines
      .filter((_, i) => i % 2 === 0)
      .map(line => {
        const { _id } = (JSON.parse(line) as { create: { _id: string } }).create
        const taken = indices.at(-1)!
        if (taken.has(_id)) return { create: { _id, status: 409, error: { type: 'version_conflict_engine_exception' } } }
        taken.add(_id)
        return { create: { _id, status: 201 } }
      })
    return { errors: items.some(({ create }) => create.status === 409), items }
  }
  const server = createServer(async (request, response) => {
    const body = JSON.stringify(answer(request.method!, request.url!.split('?')[0]!, await text(request)))
    response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const config = makeConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const output = createElasticsearchOutput({ ...config, namespace: 'default', compression: 'none' }, { warn: t.fail })
  t.teardown(async () => {
    await output.close()
    server.closeAllConnections()
    server.close()
  })
  const write = (ids: string[]) =>
    output.write(
      {
        ...makeBatch(
          output,
          ids.map(id => ({ id, dataset: 'mailman.vette' })),
        ),
        doubts: [new Map()],
      },
      new AbortController().signal,
    )

  t.match(await write(['a', 'b']), { outcomes: [{ status: 'stored' }, { status: 'stored' }] })
  rollsOver = true
  t.match(await write(['a', 'c']), { outcomes: [{ status: 'duplicate' }, { status: 'stored' }] })
  t.same(
    indices.map(ids => [...ids]),
    [['a', 'b'], ['c']],
    'each is in one index',
  )
})
