/**
 * A Kibana in this process, on loopback: it keeps spaces, roles and saved objects as the real one's API does where setup asks, checks
 * what each request must have, and gives the answers that a test scripts. What it cannot show is what Kibana makes of the objects.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FakeRules, makeFakeRules } from './fake-kibana-rules.js'

export interface KibanaAsked {
  /** `PUT /api/security/role/mailman-admins`. */
  readonly what: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** Undefined where it is no JSON. */
  readonly body: unknown
}
export interface KibanaReply {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface FakeKibana {
  readonly url: string
  readonly port: number
  /** Every request, in order. */
  readonly asked: readonly KibanaAsked[]
  readonly spaces: Map<string, unknown>
  readonly roles: Map<string, unknown>
  /** Id → line, as it was imported. */
  readonly objects: Map<string, string>
  readonly alerting: FakeRules
  /** Instead of the honest answer, to all requests that begin so; `cut` closes the connection, `trickle` sends a byte of the answer and no more. */
  readonly script: Map<string, KibanaReply | 'cut' | 'trickle'>
  /** What is wrong with the requests that came: each must be empty at the end of a test. */
  readonly faults: readonly string[]
  close(): Promise<void>
}

export interface FakeKibanaOptions {
  readonly version?: string
  readonly features?: readonly string[]
  /** As a Kibana behind `server.basePath` has it. */
  readonly below?: string
  readonly user?: string
  readonly password?: string
}

interface Export {
  readonly objects: readonly { readonly id: string }[]
  readonly excludeExportDetails?: boolean
}

const SPACE = '/api/spaces/space/'
const ROLE = '/api/security/role/'

export async function startFakeKibana(options: FakeKibanaOptions = {}): Promise<FakeKibana> {
  const { version = '9.1.2', below = '', user = 'elastic', password = 'password' } = options
  const { features = ['discover', 'discover_v2', 'dashboard', 'dashboard_v2', 'visualize', 'visualize_v2', 'stackAlerts'] } =
    options
  const asked: KibanaAsked[] = []
  const faults: string[] = []
  const spaces = new Map<string, unknown>()
  const roles = new Map<string, unknown>()
  const objects = new Map<string, string>()
  const script = new Map<string, KibanaReply | 'cut' | 'trickle'>()
  const wantedKey = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  const honest = ({ what, body, text, headers }: KibanaAsked): KibanaReply => {
    if (headers.authorization !== wantedKey) return { status: 401, body: { statusCode: 401, message: 'Unauthorized' } }
    if (headers['kbn-xsrf'] === undefined && !what.startsWith('GET')) return fault(`${what} without kbn-xsrf`)
    const [method, path = ''] = what.split(' ')
    if (what === 'GET /api/status')
      return { body: { name: 'k', version: { number: version }, status: { overall: { level: 'available' } } } }
    if (what === 'GET /api/features') return { body: features.map(id => ({ id, name: id })) }
    const view = /^GET \/s\/([\w-]+)\/api\/data_views\/data_view\/([\w-]+)$/.exec(what)
    if (view !== null) return objects.has(view[2]!) ? { body: { data_view: { id: view[2], fields: {} } } } : { status: 404 }
    const ofRules = alerting.answer(what, body)
    if (ofRules !== undefined) return ofRules
    if (method === 'DELETE' && path.startsWith(SPACE)) return { status: spaces.delete(path.slice(SPACE.length)) ? 204 : 404 }
    if (method === 'GET') {
      const [store, id] = path.startsWith(SPACE) ? [spaces, path.slice(SPACE.length)] : [roles, path.slice(ROLE.length)]
      const found = store.get(id)
      return found === undefined ? { status: 404, body: { statusCode: 404, message: 'Not Found' } } : { body: found }
    }
    if (what === 'POST /api/spaces/space') return keepSpace(body as { id: string })
    if (method === 'PUT' && path.startsWith(ROLE))
      return keepRole(path.slice(ROLE.length), body as { kibana: { spaces: string[]; feature: object }[] })
    const form = /^POST \/s\/([\w-]+)\/api\/saved_objects\/(_\w+)(\?overwrite=true)?$/.exec(what)
    if (form === null || !spaces.has(form[1]!)) return fault(`${what} is not known, or its space is not there`)
    return form[2] === '_export' ? give(body as Export) : take(text, headers['content-type'] ?? '')
  }
  const fault = (message: string): KibanaReply => {
    faults.push(message)
    return { status: 400, body: { statusCode: 400, message } }
  }
  const alerting = makeFakeRules(fault)
  const keepSpace = (space: { id: string }): KibanaReply => {
    if (spaces.has(space.id)) return { status: 409, body: { message: 'conflict' } }
    spaces.set(space.id, space)
    return { body: space }
  }
  const keepRole = (name: string, role: { kibana: { spaces: string[]; feature: object }[] }): KibanaReply => {
    const named = role.kibana.flatMap(grant => grant.spaces)
    if (new Set(named).size < named.length) return fault('More than one privilege definition for a space')
    const strange = role.kibana.flatMap(({ feature }) => Object.keys(feature)).filter(id => !features.includes(id))
    if (strange.length > 0) return fault(`unknown features ${strange.join()}`)
    roles.set(name, {
      ...role,
      name,
      transient_metadata: { enabled: true },
      _transform_error: [],
      _unrecognized_applications: [],
    })
    return { status: 204 }
  }
  const give = ({ objects: wanted, excludeExportDetails }: Export): KibanaReply => {
    if (wanted.some(({ id }) => !objects.has(id))) return { status: 400, body: { message: 'Error fetching objects to export' } }
    const details = excludeExportDetails === true ? [] : [JSON.stringify({ exportedCount: wanted.length, missingReferences: [] })]
    return { body: [...wanted.map(({ id }) => objects.get(id)), ...details].join('\n') }
  }
  const take = (text: string, type: string): KibanaReply => {
    const boundary = /^multipart\/form-data; boundary=(\S{1,70})$/.exec(type)?.[1]
    const [head = '', ...rest] = text.split('\r\n\r\n')
    const end = `\r\n--${boundary}--\r\n`
    const isForm = head.startsWith(`--${boundary}\r\n`) && /name="file"; filename="[^"]+\.ndjson"/.test(head)
    if (boundary === undefined || !isForm || !text.endsWith(end)) return fault('no form with a file')
    const lines = rest.join('\r\n\r\n').slice(0, -end.length).trimEnd().split('\n')
    for (const line of lines) objects.set((JSON.parse(line) as { id: string }).id, line)
    return {
      body: { success: true, successCount: lines.length, successResults: [...objects.keys()].map(id => ({ id })), errors: [] },
    }
  }

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const text = Buffer.concat(parts).toString('utf8')
    if (!request.url?.startsWith(`${below}/`)) faults.push(`${request.url} is not below ${below}`)
    const what = `${request.method} ${request.url?.slice(below.length)}`
    const one: KibanaAsked = { what, headers: request.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
    asked.push(one)
    const scripted = [...script].find(([start]) => what.startsWith(start))?.[1]
    if (scripted === 'cut') return void response.socket?.destroy()
    if (scripted === 'trickle') return void response.writeHead(200).write('{')
    const { status = 200, body, headers = {} } = scripted ?? honest(one)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}${below}`, port, asked, spaces, roles, objects, alerting, script, faults, close }
}
