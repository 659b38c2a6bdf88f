/** The page's HTTP server: one address, little patience, a bounded number of connections. */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { closeServer, listenOn } from '../diagnostics/listen.js'
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
export function serveWeb(listen: string, surroundings: Surroundings): Promise<WebServer> {
  return serveApp(listen, makeRoutes({ ...surroundings, names: [...surroundings.names, hostOf(listen)] }))
}

export const hostOf = (listen: string): string => listen.slice(0, listen.lastIndexOf(':'))

/** @param listen as above  @throws ShipperError MLS_WEB_UNSERVED */
export async function serveApp(
  listen: string,
  app: { readonly fetch: Parameters<typeof getRequestListener>[0] },
): Promise<WebServer> {
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
  const code = await listenOn(server, listen)
  if (code !== undefined) throw new ShipperError('MLS_WEB_UNSERVED', `${listen} (${code})`)
  const address = server.address()
  return {
    url: `http://${hostOf(listen)}:${typeof address === 'object' ? address?.port : ''}/`,
    close: () => closeServer(server),
  }
}
