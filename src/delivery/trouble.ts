/**
 * What a request that failed as a whole means: the client's error → a hold-up. Only what is allowed comes through: the status,
 * the error's type, the node's name. Never the client's message or error object, which hold the request (F70).
 */
import { readFile } from 'node:fs/promises'
import type { errors as Errors } from '@elastic/elasticsearch'
import { type ErrorCode, ShipperError } from '../errors.js'
import type { HoldUp } from '../model.js'
import { errors } from './elastic.js'
import { holdUpOf, safeType } from './outcome.js'
import { probe } from './probe.js'

export interface Trouble {
  readonly holdUp: HoldUp
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined
  /** By its product header or the form of its error, the answer came from Elasticsearch and not from a proxy. */
  readonly isElasticsearch: boolean
}

/** @param caFile what the client verifies with: a connection that failed is looked at once more, to name the reason */
export async function readTrouble(error: unknown, caFile: string | undefined): Promise<Trouble> {
  if (error instanceof ShipperError) return noAnswer(error.code, error.detail)
  if (error instanceof errors.ResponseError) return readAnswer(error)
  if (error instanceof errors.ProductNotSupportedError) {
    return { ...noAnswer('MLS_OUTPUT_NOT_ELASTICSEARCH', 'the product header is missing'), status: error.meta?.statusCode }
  }
  if (error instanceof errors.DeserializationError) return noAnswer('MLS_OUTPUT_NOT_ELASTICSEARCH', 'the answer is no JSON')
  if (error instanceof errors.TimeoutError) return noAnswer('MLS_OUTPUT_TIMEOUT', `no whole answer from ${nodeOf(error)}`)
  if (error instanceof errors.RequestAbortedError) return noAnswer('MLS_OUTPUT_TIMEOUT', 'the request was abandoned')
  if (error instanceof errors.ConnectionError) return readConnection(error, caFile)
  return noAnswer('MLS_OUTPUT_UNREACHABLE', error instanceof Error ? error.name : 'unknown trouble')
}

function noAnswer(code: ErrorCode, detail: string): Trouble {
  return { holdUp: { code, detail }, status: undefined, isElasticsearch: false }
}

function readAnswer(error: Errors.ResponseError): Trouble {
  const status = error.statusCode ?? 0
  const body: unknown = error.body
  const cause = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  const type = typeof cause === 'object' && cause !== null && 'type' in cause ? safeType(cause.type) : undefined
  // A refused key is answered before the product header is set (tried on 8.19 and 9.5); the form of the body tells it all the same.
  const isElasticsearch = type !== undefined || error.headers?.['x-elastic-product'] === 'Elasticsearch'
  return { holdUp: holdUpOf(status, type, isElasticsearch), status, isElasticsearch }
}

const nodeOf = (error: Errors.ConnectionError | Errors.TimeoutError): string => urlOf(error)?.host ?? 'the server'

function urlOf(error: Errors.ConnectionError | Errors.TimeoutError): URL | undefined {
  const url = error.meta?.meta.connection?.url
  return url instanceof URL ? url : undefined
}

// The client keeps only the message of what went wrong below it, so the codes are found in its text.
async function readConnection(error: Errors.ConnectionError, caFile: string | undefined): Promise<Trouble> {
  const node = nodeOf(error)
  const code = /\b(E[A-Z_]{4,20})\b/.exec(error.message)?.[1]
  if (/Connect Timeout/i.test(error.message) || code === 'ETIMEDOUT') {
    return noAnswer('MLS_OUTPUT_TIMEOUT', `${node} does not take the connection`)
  }
  if (code !== undefined && code !== 'EPROTO') return noAnswer('MLS_OUTPUT_UNREACHABLE', explain(code, node))
  const url = urlOf(error)
  const found = url === undefined ? undefined : await probe(url, await readFile(caFile ?? '', 'utf8').catch(() => undefined))
  if (found?.kind === 'tls') return noAnswer('MLS_OUTPUT_TLS', `${node}: ${found.detail}`)
  if (found?.kind === 'network') return noAnswer('MLS_OUTPUT_UNREACHABLE', explain(found.code, node))
  return noAnswer('MLS_OUTPUT_UNREACHABLE', `${node} closed the connection before it had answered`)
}

const meanings = new Map([
  ['ECONNREFUSED', 'refuses the connection: nothing listens there'],
  ['ENOTFOUND', 'is a name that DNS does not know'],
  ['EAI_AGAIN', 'cannot be looked up: DNS does not answer'],
  ['ECONNRESET', 'closed the connection before it had answered'],
  ['EHOSTUNREACH', 'cannot be reached: no route'],
  ['ENETUNREACH', 'cannot be reached: no network'],
])

function explain(code: string, node: string): string {
  return `${node} ${meanings.get(code) ?? 'cannot be reached'} (${code})`
}
