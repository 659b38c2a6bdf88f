// The retention of streams that exist: the test server lacks this part, so a server that has it is imitated.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { connect } from '../../src/delivery/client.js'
import { planStreams } from '../../src/delivery/index-setup.js'
import { takeStep } from '../../src/delivery/step.js'
import { makeConfig } from '../support/batch.js'

t.test('a retention that a site chose stays', async t => {
  const put: string[] = []
  const streams = [
    { name: 'logs-mailman.vette-default', lifecycle: { data_retention: '7d' } },
    { name: 'logs-mailman.post-default', lifecycle: undefined as object | undefined },
  ]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' })
    if (request.method === 'PUT') {
      put.push(`${request.url} ${body}`)
      streams[1]!.lifecycle = JSON.parse(body)
    }
    response.end(JSON.stringify(request.url === '/' ? { version: { number: '9.5.0' } } : { data_streams: streams }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { client, close } = await connect(makeConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  t.teardown(async () => {
    await close()
    server.close()
  })
  const step = planStreams(client, 'default', []).find(({ name }) => name.startsWith('retention'))!
  t.match(await takeStep(step), { status: 'done', detail: '1 set to 90 days' })
  t.same(put, ['/_data_stream/logs-mailman.post-default/_lifecycle {"data_retention":"90d"}'])
  t.match(await takeStep(step), { status: 'unchanged' })
})
