/** An HTTP server's address, as the configuration names it. */
import type { Server } from 'node:http'

/** @param listen `127.0.0.1:8025`, `[::1]:8025`; the host without brackets */
function splitAddress(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(listen.slice(colon + 1)) }
}

/** Returns when the port is open; the system's code where that could not be. May be tried again then. */
export function listenOn(server: Server, listen: string): Promise<string | undefined> {
  const { host, port } = splitAddress(listen)
  return new Promise(resolve => {
    const fail = (error: NodeJS.ErrnoException): void => {
      server.off('listening', succeed)
      resolve(error.code ?? error.name)
    }
    const succeed = (): void => {
      server.off('error', fail)
      server.on('error', () => {}) // of a connection that could not be taken; the next one may be
      resolve(undefined)
    }
    server.once('error', fail).once('listening', succeed)
    server.listen(port, host)
  })
}

/** Answers that are on their way are cut off. */
export function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
