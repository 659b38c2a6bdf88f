/** The page's HTTP server: one address, little patience, a bounded number of connections. */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { ShipperError } from '../errors.js'
import { makeRoutes, type Surroundings } from './routes.js'

const PATIENCE_MS = 10_000
const KEEP_ALIVE_MS = 30_000
const MAX_CONNECTIONS = 100

export interface WebServer {
  /** `http://127.0.0.1:8025/` */
  readonly url: string
  close(): Promise<void>
}

/** @param listen `127.0.0.1:8025`, `[::1]:8025`; port 0: one that is free  @throws ShipperError MLS_WEB_UNSERVED */
export async function serveWeb(listen: string, surroundings: Surroundings): Promise<WebServer> {
  const colon = listen.lastIndexOf(':')
  const host = listen.slice(0, colon)
  const app = makeRoutes({ ...surroundings, names: [...surroundings.names, host] })
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: PATIENCE_MS,
    },
    // Not to replace the globals: nothing else here needs it.
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  )
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ShipperError('MLS_WEB_UNSERVED', `${listen} (${error.code ?? error.name})`)),
    )
    server.listen(Number(listen.slice(colon + 1)), host.replace(/^\[(.*)\]$/, '$1'), resolve)
  })
  server.removeAllListeners('error').on('error', () => {}) // of a connection that could not be taken; the next one may be
  const address = server.address()
  return {
    url: `http://${host}:${typeof address === 'object' ? address?.port : ''}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
