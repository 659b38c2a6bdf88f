/** One client for all questions of the page; after trouble another one. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebCluster } from '../../src/commands/web-cluster.js'
import { makeConfig } from '../support/batch.js'

t.test('connects once, and anew after trouble, without hurting those who ask at the same time', async t => {
  const asked: string[] = []
  let isRefused = false
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!.replace(/^\/logs.*\//, '')
    asked.push(path)
    response.setHeader('x-elastic-product', 'Elasticsearch')
    response.setHeader('content-type', 'application/vnd.elasticsearch+json;compatible-with=9')
    if (path === '/') return response.end('{"version":{"number":"9.5.0"}}')
    if (isRefused) response.statusCode = 401
    response.end(isRefused ? '{"error":{"type":"security_exception"},"status":401}' : '{"hits":{"total":{"value":3},"hits":[]}}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const cluster = new WebCluster(makeConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  const total = () => cluster.ask(async store => (await store.search({ limit: 1, order: 'newest' })).total)

  t.strictSame(await Promise.all([total(), total(), total()]), [3, 3, 3])
  t.equal(await total(), 3)
  t.strictSame(asked.splice(0), ['/', '_search', '_search', '_search', '_search'])

  isRefused = true
  let go = (): void => {}
  const gate = new Promise<void>(resolve => {
    go = resolve
  })
  const late = cluster.ask(async store => {
    await gate
    return (await store.search({ limit: 1, order: 'newest' })).total
  })
  await t.rejects(total(), { code: 'MLS_OUTPUT_AUTH' })
  isRefused = false
  go()
  t.equal(await late, 3, 'its client is open still')
  t.equal(await total(), 3)
  t.strictSame(asked.splice(0), ['_search', '_search', '/', '_search'])
  await cluster.close()
  server.closeAllConnections()
})
