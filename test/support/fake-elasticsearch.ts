/**
 * An Elasticsearch for faults that the real one cannot be made to show: it takes bulk requests with the meaning of `create`
 * (one document for each index and id), and gives the answers that a test scripts. In this process, on loopback, without TLS.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { resetSocket } from './reset-socket.js'

export interface BulkRequest {
  readonly index: string[]
  readonly id: string[]
  readonly document: string[]
  readonly bytes: number
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown
}

/**
 * What becomes of one bulk request. `store()` takes the documents and makes the honest answer.
 * - a reply: sent instead of the honest one
 * - `reset`: the connection is cut, before or (with `store` called) after the documents were taken, in the middle of the answer
 * - `hang`: never answered
 */
export type BulkScript = (request: BulkRequest, store: () => object) => Reply | 'reset' | 'hang' | undefined

export interface FakeElasticsearch {
  readonly url: string
  /** `index/id` → document. */
  readonly stored: ReadonlyMap<string, string>
  /** Every bulk request that came, scripted or not. */
  readonly requests: readonly BulkRequest[]
  /** The agent's documents about itself that were taken. */
  readonly figures: readonly string[]
  /** All else that was asked: `GET /`… */
  readonly asked: readonly string[]
  /** Scripts for the next bulk requests, in order; afterwards all is honest again. */
  next(...scripts: BulkScript[]): void
  /** Answer to GET of the index template; default: one of ours. */
  template: Reply
  /** What becomes of the agent's documents about itself, until it is set anew; undefined: they are taken. */
  figuresScript: Reply | 'hang' | undefined
  /** Answer to GET of their index template; default: one of ours. */
  figuresTemplate: Reply
  /** Answer to GET /; default: 9.5.0. */
  root: Reply
  close(): Promise<void>
}

export async function startFakeElasticsearch(options: { port?: number } = {}): Promise<FakeElasticsearch> {
  const stored = new Map<string, string>()
  const requests: BulkRequest[] = []
  const asked: string[] = []
  const figures: string[] = []
  const scripts: BulkScript[] = []
  const ours = (name: string): Reply => ({
    body: { index_templates: [{ name, index_template: { _meta: { managed_by: 'mailman-shipper' } } }] },
  })
  const fake = {
    template: ours('logs-mailman'),
    figuresTemplate: ours('metrics-mailman.agent'),
    figuresScript: undefined as Reply | 'hang' | undefined,
    root: { body: { version: { number: '9.5.0' } } } as Reply,
  }

  const store = (request: BulkRequest): object => {
    let errors = false
    const items = request.id.map((id, i) => {
      const key = `${request.index[i]}/${id}`
      if (stored.has(key)) {
        errors = true
        return {
          create: { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'document already exists' } },
        }
      }
      stored.set(key, request.document[i]!)
      return { create: { status: 201 } }
    })
    return { errors, items }
  }

  const answerBulk = (request: BulkRequest, response: ServerResponse): void => {
    requests.push(request)
    let honest: object | undefined
    const take = (): object => {
      honest ??= store(request)
      return honest
    }
    const script = scripts.shift()
    const reply = script === undefined ? { body: take() } : script(request, take)
    if (reply === 'hang') return
    if (reply === 'reset') {
      if (honest !== undefined) {
        const text = JSON.stringify(honest)
        response.writeHead(200, { ...product, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
        response.write(text.slice(0, text.length >> 1), () => resetSocket(response.socket!))
      } else resetSocket(response.socket!)
      return
    }
    send(response, reply ?? { body: take() })
  }

  const answerFigures = (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    if (request.method === 'GET') send(response, fake.figuresTemplate)
    else if (fake.figuresScript === undefined) {
      figures.push(body.toString())
      send(response, { status: 201, body: { result: 'created' } })
    } else if (fake.figuresScript !== 'hang') send(response, fake.figuresScript)
  }

  const server = createServer(async (request, response) => {
    const body = await readBody(request)
    const path = request.url?.split('?')[0]
    if (path?.includes('/metrics-mailman.agent')) {
      answerFigures(request, body, response)
      return
    }
    if (path !== '/_bulk') asked.push(`${request.method} ${path}`)
    if (request.method === 'POST' && path === '/_bulk') answerBulk(parseBulk(body), response)
    else if (request.method === 'GET' && path === '/_index_template/logs-mailman') send(response, fake.template)
    else if (request.method === 'GET' && path === '/') send(response, fake.root)
    else send(response, { status: 400, body: { error: `no handler found for uri [${path}] and method [${request.method}]` } })
  })
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    stored,
    requests,
    asked,
    figures,
    next: (...more: BulkScript[]) => void scripts.push(...more),
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

const product = { 'x-elastic-product': 'Elasticsearch' }

function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: Reply): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { ...product, 'content-type': isText ? 'text/html' : 'application/json', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

function parseBulk(body: Buffer): BulkRequest {
  const lines = body.toString().split('\n')
  if (lines.pop() !== '') throw new Error('a bulk body must end with a newline')
  const request = { index: [] as string[], id: [] as string[], document: [] as string[], bytes: body.length }
  for (let i = 0; i < lines.length; i += 2) {
    const { create } = JSON.parse(lines[i]!) as { create: { _index: string; _id: string } }
    request.index.push(create._index)
    request.id.push(create._id)
    JSON.parse(lines[i + 1]!)
    request.document.push(lines[i + 1]!)
  }
  return request
}
