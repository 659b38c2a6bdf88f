/**
 * The official client, made as this project needs it: no hidden retries, no sniffing, no telemetry, TLS always verified, and
 * the headers of the version that answers.
 */
import { readFile } from 'node:fs/promises'
import type { ElasticsearchConfig } from '../config/options.js'
import { ShipperError } from '../errors.js'
import { answerParts } from './answer.js'
import { AnswerSerializer } from './answer-bytes.js'
import { Client } from './elastic.js'
import { Nodes } from './nodes.js'
import { poolOf } from './pool.js'
import { type Credentials, readCredentials } from './secret.js'
import { askVersion } from './version.js'
import { WholeRequest } from './whole-request.js'

type ClientOptions = ConstructorParameters<typeof Client>[0]

/** One request, connecting and reading the whole answer included (F48). */
export const requestTimeoutMs = 30_000

export interface Connection {
  readonly client: Client
  /** `9.5.0`; undefined where the server does not tell (a key without `monitor`, a proxy that hides it). */
  readonly version: string | undefined
  /** The version whose API is spoken. Elasticsearch 8 takes 8 only, 9 takes 8 and 9, so 8 where nothing is known. */
  readonly compatibility: 8 | 9
  close(): Promise<void>
}

const type = (format: 'json' | 'x-ndjson', version: 8 | 9): string =>
  `application/vnd.elasticsearch+${format}; compatible-with=${version}`

// Without `require_data_stream` a template that went missing meanwhile would end in a plain index with guessed types.
export const bulkQuery = `filter_path=${answerParts.join()}&require_data_stream=true`

/** Headers of a bulk request of ready bytes. */
export function bulkHeaders(connection: Connection, isGzip: boolean): Record<string, string> {
  const headers = { 'content-type': type('x-ndjson', connection.compatibility) }
  // The transport passes a buffer on as it is and only counts its bytes; so it need not compress, at its costly level, itself.
  return isGzip ? { ...headers, 'content-encoding': 'gzip' } : headers
}

/**
 * Makes a client and learns the server's version.
 * @param options `credentials`: instead of the configured ones; `nodes`: what is known of the nodes, where a connection was before
 * @throws ShipperError with a MLS_OUTPUT_ or MLS_CONFIG_ code; its text is safe to show
 */
export async function connect(
  config: ElasticsearchConfig,
  {
    credentials,
    signal,
    nodes = new Nodes(config.nodes),
  }: { readonly credentials?: Credentials; readonly signal?: AbortSignal; readonly nodes?: Nodes } = {},
): Promise<Connection> {
  const options = await makeOptions(config, credentials ?? (await readCredentials(config)))
  const version = await askVersion(config.nodes, options, { nodes, caFile: config.caFile, signal })
  const major = version === undefined ? 8 : Number.parseInt(version, 10)
  if (major < 8) throw new ShipperError('MLS_OUTPUT_VERSION', `${version}`)
  const compatibility = major === 8 ? 8 : 9
  const headers = { accept: type('json', compatibility), 'content-type': type('json', compatibility) }
  const client = new Client({ ...options, headers, ConnectionPool: poolOf(nodes) })
  return { client, version, compatibility, close: () => client.close() }
}

/** Reads the files that `connect` will read. @throws ShipperError MLS_CONFIG_SECRET, MLS_OUTPUT_TLS */
export async function checkFiles(config: ElasticsearchConfig): Promise<void> {
  await makeOptions(config, await readCredentials(config))
}

async function makeOptions(config: ElasticsearchConfig, credentials: Credentials): Promise<ClientOptions> {
  return {
    nodes: [...config.nodes],
    // The one hands on what the other reads.
    Connection: WholeRequest,
    Serializer: AnswerSerializer,
    ...(credentials === undefined ? {} : { auth: credentials }),
    // Said out loud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment would hand the key to a stranger.
    tls: { rejectUnauthorized: true, ...(config.caFile === undefined ? {} : { ca: await readAuthority(config.caFile) }) },
    maxRetries: 0,
    requestTimeout: requestTimeoutMs,
    sniffOnStart: false,
    sniffInterval: false,
    sniffOnConnectionFault: false,
    enableMetaHeader: false,
    // It would copy each failed request, body included, byte by byte (90 ms and 25 MB for 250 kB, measured). Nothing of an error leaves trouble.ts.
    redaction: { type: 'off' },
  }
}

async function readAuthority(path: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new ShipperError(
      'MLS_OUTPUT_TLS',
      `caFile ${path}: ${error instanceof Error && 'code' in error ? error.code : 'unreadable'}`,
    )
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new ShipperError('MLS_OUTPUT_TLS', `caFile ${path} holds no PEM certificate`)
  return text
}
