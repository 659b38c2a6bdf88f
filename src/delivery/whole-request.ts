/**
 * A connection to one node by Node's own http, for the client's option `Connection`. The client's HttpConnection lets go of the
 * deadline once the headers of an answer are there; here it holds until the last byte (F48), and what is given up is closed.
 */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { AnswerBytes } from './answer-bytes.js'
import { errors, HttpConnection } from './elastic.js'

type Sent = Parameters<HttpConnection['buildRequestObject']>[0]
type Options = Parameters<HttpConnection['buildRequestObject']>[1]
/** Never asked for here. */
type StreamOptions = Parameters<HttpConnection['request']>[1]
type StreamAnswer = Awaited<ReturnType<HttpConnection['request']>>

interface Answer {
  readonly body: string | Buffer
  readonly headers: IncomingHttpHeaders
  readonly statusCode: number
}

/** More than any answer, less than V8's longest string: what sends so much is no Elasticsearch. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024
/** Until a node took the connection, TLS included: it may be one of several, and another is asked sooner. */
const CONNECT_MS = 10_000

export class WholeRequest extends HttpConnection {
  override request(sent: Sent, options: Options): Promise<Answer>
  override request(sent: Sent, options: StreamOptions): Promise<StreamAnswer>
  /** @throws ConnectionError, TimeoutError or RequestAbortedError, the client's */
  override async request(sent: Sent, options: Options): Promise<Answer | StreamAnswer> {
    const { signal } = options
    if (signal?.aborted) throw aborted()
    const request = this.makeRequest(this.buildRequestObject(sent, options))
    const abort = (): unknown => request.destroy(aborted())
    signal?.addEventListener('abort', abort, { once: true })
    try {
      return await answerTo(request, sent.body)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** What is still on its way ends with a ConnectionError. */
  override async close(): Promise<void> {
    this.agent?.destroy()
  }
}

const aborted = (): Error => new errors.RequestAbortedError('Request aborted')

function answerTo(request: ClientRequest, body: Sent['body']): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let parts: Buffer[] = []
    let bytes = 0
    request.on('response', (response: IncomingMessage) => {
      const { headers, statusCode = 0 } = response
      response.on('data', (part: Buffer) => {
        parts.push(part)
        bytes += part.length
        if (bytes > MAX_ANSWER_BYTES) request.destroy(new errors.RequestAbortedError(`more than ${MAX_ANSWER_BYTES} bytes`))
      })
      response.on('end', () => {
        const whole = Buffer.concat(parts)
        parts = []
        resolve({ headers, statusCode, body: bodyOf(whole, headers) })
      })
      // Cut short, or given up: the latter has its own error.
      response.on('error', error => reject(clientError(error)))
    })
    request.on('socket', socket => limitConnecting(request, socket))
    request.on('timeout', () => request.destroy(new errors.TimeoutError('Request timed out')))
    // Stays for what fails after an end that is told already, or it would end the process.
    request.on('error', error => reject(clientError(error)))
    request.setNoDelay(true)
    request.end(body)
  })
}

/** What the transport gives to the serializer. */
const json = /application\/(?:json|vnd\.elasticsearch\+json)/

/** The transport unpacks what is packed, hands the serializer what is JSON, and wants text of anything else. */
function bodyOf(whole: Buffer, headers: IncomingHttpHeaders): string | Buffer {
  if (headers['content-encoding'] !== undefined) return whole
  return whole.length > 0 && json.test(headers['content-type'] ?? '')
    ? (new AnswerBytes(whole) as unknown as string)
    : whole.toString()
}

function limitConnecting(request: ClientRequest, socket: Socket): void {
  if (!socket.connecting) return // used before
  const timer = setTimeout(() => request.destroy(new errors.ConnectionError('Connect Timeout')), CONNECT_MS)
  const end = (): void => clearTimeout(timer)
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', end).once('close', end)
}

function clientError(error: NodeJS.ErrnoException): Error {
  if (error instanceof errors.ElasticsearchClientError) return error
  // Of several addresses that were tried, Node's error has a code and no text.
  const isNamed = error.code === undefined || error.message.includes(error.code)
  return new errors.ConnectionError(isNamed ? error.message : `${error.message} (${error.code})`)
}
