/**
 * Before a real Elasticsearch of the tests, which lacks `DELETE _data_stream`: empties the stream instead, by requests that are there
 * (a rollover, and the older indices are deleted), with the rights of whoever asks. All else goes to the server as it is.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TestElasticsearch } from './elasticsearch.js'

export interface DataStreamFront {
  readonly url: string
  /** Names of streams, as they were asked to be deleted. */
  readonly deleted: string[]
  close(): Promise<void>
}

export async function startDataStreamFront({ url, caFile }: TestElasticsearch): Promise<DataStreamFront> {
  const ca = readFileSync(caFile)
  const deleted: string[] = []
  const ask = (method: string, path: string, headers: IncomingMessage['headers'], body: Buffer) =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      const { host: _, ...rest } = headers
      const asking = request(url + path, { method, headers: rest, ca, agent: false }, async answer =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) }),
      )
      asking.on('error', reject).end(body)
    })
  const server = createServer()
  server.on('request', async (incoming: IncomingMessage, response) => {
    const { method = '', url: path = '', headers } = incoming
    const body = await buffer(incoming)
    const name = /^\/_data_stream\/([^/*,]+)$/.exec(path)?.[1]
    let answer = await (method === 'DELETE' && name !== undefined
      ? ask('POST', `/${name}/_rollover`, { ...pick(headers) }, Buffer.alloc(0))
      : ask(method, path, headers, body))
    if (method === 'DELETE' && name !== undefined && answer.status === 200) {
      const found = await ask('GET', `/_resolve/index/${name}`, pick(headers), Buffer.alloc(0))
      const { data_streams } = JSON.parse(found.body.toString()) as { data_streams: { backing_indices: string | string[] }[] }
      const indices = [data_streams[0]!.backing_indices].flat().sort().slice(0, -1)
      answer = await ask('DELETE', `/${indices.join()}`, pick(headers), Buffer.alloc(0))
      if (answer.status === 200) deleted.push(name)
    }
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deleted,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

const pick = ({ authorization, accept }: IncomingMessage['headers']): IncomingMessage['headers'] => ({ authorization, accept })
