/**
 * Answers Prometheus (`/metrics`) and whoever asks whether all is well (`/healthz`): on one address, without a password, GET only,
 * with little patience. A port that is taken is trouble but no reason to stop: it is tried again.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { errors } from '../errors.js'
import { closeServer, listenOn } from './listen.js'
import type { Log } from './log.js'
import { contentType, renderMetrics } from './metrics.js'
import { printable } from './printable.js'
import type { AgentStatus, ListTallies } from './status.js'
import type { Troubles } from './troubles.js'

const PATIENCE_MS = 5_000
const MAX_CONNECTIONS = 16
const AGAIN_MS = 30_000

export interface Subject {
  status(): AgentStatus
  lists(): ListTallies
  readonly troubles: Troubles
}

export interface MetricsServer {
  close(): Promise<void>
}

/** @param listen `127.0.0.1:9825`, `[::1]:9825`; port 0: one that is free, which the log names. Never throws. */
export async function serveMetrics(listen: string, subject: Subject, log: Log): Promise<MetricsServer> {
  const server = createServer(
    {
      maxHeaderSize: 8_192,
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      keepAliveTimeout: PATIENCE_MS,
      connectionsCheckingInterval: PATIENCE_MS, // the others are looked at only so often; default: half a minute
    },
    (request, response) => void answer(request, response, subject).catch(() => response.destroy()),
  )
  server.maxConnections = MAX_CONNECTIONS
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  const open = async (): Promise<void> => {
    const code = await listenOn(server, listen)
    if (isClosed) return void server.close()
    if (code === undefined) {
      subject.troubles.end('metrics')
      const address = server.address()
      if (typeof address === 'object')
        log.info({ address: address?.address, port: address?.port }, 'serving /metrics and /healthz')
    } else {
      subject.troubles.begin('metrics', 'MLS_METRICS_UNSERVED', `${listen} (${code})`)
      timer = setTimeout(() => void open(), AGAIN_MS)
    }
  }
  await open()
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      return closeServer(server)
    },
  }
}

async function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, subject: Subject): Promise<void> {
  const send = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    response.end(text)
  }
  if (method !== 'GET') return send(405, 'only GET\n')
  const [path] = url.split('?', 1)
  if (path === '/metrics') return send(200, await renderMetrics(subject.status(), subject.lists()), contentType)
  if (path !== '/healthz') return send(404, '/metrics or /healthz\n')
  const trouble = whatHolds(subject.status())
  send(trouble === undefined ? 200 : 503, `${trouble ?? 'following'}\n`)
}

/** The sentence for what has events wait. */
function whatHolds({ holdUp, troubles }: AgentStatus): string | undefined {
  const trouble = holdUp ?? troubles.find(({ code }) => code === 'MLS_AGENT_STUCK')
  if (trouble === undefined) return undefined
  const { message, remedy } = errors[trouble.code]
  const detail = trouble.detail === '' ? '' : `: ${printable(trouble.detail)}`
  return `${trouble.code} ${message}, since ${trouble.since}${detail}\n${remedy}`
}
