/**
 * What waits in Mailman 3: asked of its REST API (rest/post_moderation.py), read-only. Its answers hold the messages too; of these
 * nothing is kept.
 */
import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { normaliseAddress, normaliseMessageId, unfold } from '../../parsers/_normalise.js'
import { readSecret } from '../delivery/secret.js'
import { ShipperError } from '../errors.js'
import type { Waiting } from './held-waiting.js'

export interface RestSite {
  /** `http://localhost:8001`; what Mailman's `[webservice]` says. */
  readonly url: string
  readonly user: string
  readonly passwordFile: string
}

type Entry = Readonly<Record<string, unknown>>
type Ask = (path: string) => Promise<{ readonly entries: readonly Entry[]; readonly total: number }>

const LISTS_PER_PAGE = 200
/** Each comes with its message, which may have megabytes. */
const HELD_PER_PAGE = 10
const LISTS_AT_ONCE = 4
const TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/** @param wants which lists are looked at @throws ShipperError MLS_HELD_REST, MLS_CONFIG_SECRET, MLS_USAGE_INVALID */
export async function readHeldRest(site: RestSite, wants: (name: string, fqdn: string) => boolean): Promise<Waiting[]> {
  const ask = await makeAsk(site)
  const lists: { name: string; fqdn: string; listId: string }[] = []
  for await (const entry of pagesOf(ask, 'lists', LISTS_PER_PAGE)) {
    const [name, fqdn, listId] = [entry.list_name, entry.fqdn_listname, entry.list_id].map(textOf)
    if (name && fqdn && listId && wants(name.toLowerCase(), fqdn.toLowerCase())) lists.push({ name, fqdn, listId })
  }
  const waiting: Waiting[] = []
  const queue = lists.values()
  const work = async (): Promise<void> => {
    for (const { name, fqdn, listId } of queue)
      for await (const entry of pagesOf(ask, `lists/${encodeURIComponent(listId)}/held`, HELD_PER_PAGE))
        waiting.push({
          mailman: '3',
          list: name.toLowerCase(),
          fqdn: fqdn.toLowerCase(),
          listId,
          id: Number(entry.request_id),
          // In UTC, without saying so.
          heldMs: Date.parse(`${textOf(entry.hold_date)}Z`),
          messageId: normaliseMessageId(textOf(entry.message_id) ?? ''),
          sender: normaliseAddress(textOf(entry.sender) ?? ''),
          subject: unfold(textOf(entry.subject) ?? ''),
          reasonText: textOf(entry.reason),
        })
  }
  await Promise.all(Array.from({ length: LISTS_AT_ONCE }, work))
  return waiting
}

async function* pagesOf(ask: Ask, path: string, count: number): AsyncGenerator<Entry> {
  for (let page = 1, seen = 0; ; page++) {
    const { entries, total } = await ask(`${path}?count=${count}&page=${page}`)
    yield* entries
    seen += entries.length
    if (entries.length === 0 || seen >= total) return
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

async function makeAsk({ url: text, user, passwordFile }: RestSite): Promise<Ask> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new ShipperError('MLS_USAGE_INVALID', '--rest: a URL like http://localhost:8001 is wanted, without a password in it')
  if (url.protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    throw new ShipperError('MLS_USAGE_INVALID', '--rest: over http:// the password could be read on its way: https:// is wanted')
  const base = url.href.replace(/\/+$/, '').replace(/\/3\.\d$/, '')
  const authorization = `Basic ${Buffer.from(`${user}:${await readSecret(passwordFile)}`).toString('base64')}`
  return async path => {
    const answer = await get(new URL(`${base}/3.1/${path}`), authorization)
    let body: unknown
    try {
      body = JSON.parse(answer)
    } catch {
      throw new ShipperError('MLS_HELD_REST', `${url.origin}: the answer is no JSON`)
    }
    const { entries, total_size } = (body ?? {}) as { entries?: unknown; total_size?: unknown }
    return { entries: Array.isArray(entries) ? entries : [], total: Number(total_size) || 0 }
  }
}

/** A redirect is an answer that is not taken: the password goes nowhere else. */
function get(url: URL, authorization: string): Promise<string> {
  const trouble = (reason: string): ShipperError => new ShipperError('MLS_HELD_REST', `${url.origin}: ${reason}`)
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const read = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) asking.destroy(trouble('the answer is too long'))
        else chunks.push(chunk)
      })
      answer.on('error', error => reject(error instanceof ShipperError ? error : trouble('the answer was cut off')))
      answer.on('end', () => {
        const { statusCode = 0 } = answer
        if (statusCode === 200) resolve(Buffer.concat(chunks).toString())
        else reject(trouble(statusCode === 401 ? 'it does not take this user and password' : `it answered with ${statusCode}`))
      })
    }
    const options = { headers: { authorization, accept: 'application/json' }, signal }
    // Said out loud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment would hand the password to a stranger.
    const asking =
      url.protocol === 'https:' ? secure(url, { ...options, rejectUnauthorized: true }, read) : plain(url, options, read)
    asking.on('error', error => {
      const { code } = error as NodeJS.ErrnoException
      reject(
        error instanceof ShipperError ? error : trouble(signal.aborted ? 'no whole answer in a minute' : (code ?? error.name)),
      )
    })
    asking.end()
  })
}
