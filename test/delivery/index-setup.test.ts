// The making of a stream: the test server lacks this part, so a server that has it is imitated.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type Connection, connect } from '../../src/delivery/client.js'
import { planStreams } from '../../src/delivery/index-setup.js'
import { takeStep } from '../../src/delivery/step.js'
import { makeConfig } from '../support/batch.js'

/** A server that answers as it is told, and what speaks to it. */
async function serve(
  t: Test,
  answer: (request: IncomingMessage, body: string) => { readonly status: number; readonly body: object },
): Promise<Connection> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { status, body } = request.url === '/' ? { status: 200, body: { version: { number: '9.5.0' } } } : answer(request, text)
    response.writeHead(status, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const connection = await connect(makeConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  t.teardown(async () => {
    await connection.close()
    server.close()
  })
  return connection
}

t.test('the stream of the agents’ own health is made where that is possible', async t => {
  const answers: { status: number; body: object }[] = [
    { status: 200, body: { acknowledged: true } },
    { status: 400, body: { error: { type: 'resource_already_exists_exception' } } },
    { status: 400, body: { error: 'no handler found for uri' } },
    { status: 400, body: { error: { type: 'illegal_argument_exception' } } },
  ]
  const asked: string[] = []
  const { client } = await serve(t, request => {
    asked.push(`${request.method} ${request.url}`)
    return answers.shift()!
  })
  const step = planStreams(client, 'default', []).find(({ name }) => name === 'stream metrics-mailman.agent-default')!
  const statuses: string[] = []
  for (let i = 0; i < 4; i++) statuses.push((await takeStep(step)).status)
  t.same(statuses, ['done', 'unchanged', 'skipped', 'failed'])
  t.same(asked, Array(4).fill('PUT /_data_stream/metrics-mailman.agent-default'))
})
