/**
 * One request to Kibana, with the administrator's credentials. TLS is always verified, no redirection is followed (the password would
 * go with it), and an answer of any status is a value; only what is no answer of Kibana is thrown.
 */
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { printable } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { startDeadline } from './deadline.js'
import { probe } from './probe.js'
import type { Request } from './request.js'

/** For a whole request: an import rewrites every object. */
const requestTimeoutMs = 60_000
const maxAnswerBytes = 32 * 1024 * 1024

export interface Kibana {
  /** With the path that Kibana is served below, if any. */
  readonly url: URL
  readonly username: string
  readonly password: string
  /** PEM text of the authority that signed its certificate; undefined: those that Node trusts. */
  readonly authority: string | undefined
}

export interface KibanaRequest extends Omit<Request, 'body'> {
  readonly body?: object
  /** Instead of a body: sent as a form's field `file`. */
  readonly file?: { readonly name: string; readonly text: string }
}

export interface KibanaAnswer {
  readonly status: number
  readonly text: string
  /** Undefined where it is no JSON. */
  readonly body: unknown
}

/** @throws ShipperError MLS_USAGE_INVALID */
export function readKibanaUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) return url
  throw new ShipperError(
    'MLS_USAGE_INVALID',
    '--kibana must be a URL such as https://kibana.example.org:5601, without a password',
  )
}

/** Whether others on the way can read the password. */
export const isOpen = ({ url }: Kibana): boolean =>
  url.protocol === 'http:' && !/^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)

/** @param timeoutMs for the whole answer  @throws ShipperError MLS_KIBANA_UNREACHABLE */
export async function askKibana(kibana: Kibana, request: KibanaRequest, timeoutMs = requestTimeoutMs): Promise<KibanaAnswer> {
  const deadline = startDeadline(undefined, timeoutMs)
  try {
    const { status, text } = await send(kibana, request, deadline.signal)
    return { status, text, body: parse(text) }
  } catch (error) {
    if (error instanceof ShipperError) throw error
    if (deadline.isOver()) throw new ShipperError('MLS_KIBANA_UNREACHABLE', `no whole answer within ${timeoutMs / 1000} seconds`)
    throw new ShipperError('MLS_KIBANA_UNREACHABLE', await explain(kibana, error))
  } finally {
    deadline.end()
  }
}

function send(kibana: Kibana, request: KibanaRequest, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const { url, username, password, authority } = kibana
  const { type, bytes } = encode(request)
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    // Kibana refuses what changes anything without it: a page elsewhere could not have set it.
    'kbn-xsrf': 'true',
    accept: 'application/json',
    ...(type === undefined ? {} : { 'content-type': type, 'content-length': bytes.length }),
  }
  const path = url.pathname.replace(/\/$/, '') + request.path
  // Verified out loud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment would hand the password to a stranger.
  const tls = { rejectUnauthorized: true, ...(authority === undefined ? {} : { ca: authority }) }
  const options = { method: request.method, path, headers, signal, agent: false as const }
  return new Promise((resolve, reject) => {
    const receive = (answer: IncomingMessage): void => {
      read(answer).then(text => resolve({ status: answer.statusCode ?? 0, text }), reject)
    }
    const sent =
      url.protocol === 'https:' ? requestTls(url, { ...options, ...tls }, receive) : requestPlain(url, options, receive)
    sent.on('error', reject)
    sent.end(bytes)
  })
}

function encode({ body, file }: KibanaRequest): { readonly type: string | undefined; readonly bytes: Buffer } {
  if (file === undefined) {
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
    return { type: body === undefined ? undefined : 'application/json', bytes }
  }
  // Lines of JSON hold no line that begins so.
  const boundary = '----mailman-shipper-saved-objects'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\nContent-Type: application/ndjson\r\n\r\n`
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.from(`${head}${file.text}\r\n--${boundary}--\r\n`) }
}

async function read(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxAnswerBytes) throw new ShipperError('MLS_KIBANA_ANSWER', `more than ${maxAnswerBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function explain({ url, authority }: Kibana, error: unknown): Promise<string> {
  const found = await probe(url, authority)
  if (found?.kind === 'tls') return `${url.host}: ${found.detail}`
  const code = found?.code ?? (error instanceof Error && 'code' in error ? String(error.code) : '')
  return `${url.host} (${/^[A-Z_]{3,40}$/.test(code) ? code : 'the connection was cut'})`
}

/** Kibana's own words for a refusal, safe to show. They name privileges and spaces; nothing secret was sent to be quoted. */
export function reasonOf({ status, body }: KibanaAnswer): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined
  return typeof message === 'string' ? `status ${status}: ${printable(message).slice(0, 300)}` : `status ${status}`
}
