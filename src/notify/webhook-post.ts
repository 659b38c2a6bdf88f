/** One POST of JSON. TLS is always verified, no redirection followed (a token would go with it), and of the answer only its status read. */
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { startDeadline } from '../delivery/deadline.js'
import { ShipperError } from '../errors.js'

/** For a whole request. */
const PATIENCE_MS = 20_000

export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** PEM; undefined: the authorities that Node trusts. */
  readonly ca: string | undefined
}

/**
 * @param name the webhook's, for errors: its URL may be a secret
 * @throws ShipperError MLS_ALERT_UNSENT where the answer is none of 200 to 299
 */
export async function post(name: string, { url, headers, body, ca }: Post, signal: AbortSignal): Promise<void> {
  const deadline = startDeadline(signal, PATIENCE_MS)
  const bytes = Buffer.from(JSON.stringify(body))
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': bytes.length, 'user-agent': 'mailman-shipper', ...headers },
    signal: deadline.signal,
    agent: false as const,
  }
  // Verified out loud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment would hand the token to a stranger.
  const tls = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) }
  let status: number
  try {
    status = await new Promise<number>((resolve, reject) => {
      const receive = (answer: IncomingMessage): void => {
        answer.resume()
        answer.on('error', reject)
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      }
      const sent =
        url.protocol === 'https:' ? requestTls(url, { ...options, ...tls }, receive) : requestPlain(url, options, receive)
      sent.on('error', reject)
      sent.end(bytes)
    })
  } catch (error) {
    throw failure(name, deadline.isOver() ? `no whole answer within ${PATIENCE_MS / 1000} seconds` : codeOf(error))
  } finally {
    deadline.end()
  }
  if (status < 200 || status > 299) throw failure(name, `answer ${status}${meanings.get(status) ?? ''}`)
}

const failure = (name: string, why: string) => new ShipperError('MLS_ALERT_UNSENT', `${name}: ${why}`)

const meanings = new Map([
  [301, ' (moved; redirections are not followed)'],
  [302, ' (moved; redirections are not followed)'],
  [307, ' (moved; redirections are not followed)'],
  [308, ' (moved; redirections are not followed)'],
  [400, ' (it does not take this shape)'],
  [401, ' (the key is not accepted)'],
  [403, ' (the key, or this host, is not accepted)'],
  [404, ' (there is nothing at this URL)'],
  [429, ' (too many requests)'],
])

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[A-Z][A-Z\d_]{2,60}$/.test(code) ? code : 'the connection was cut'
}
