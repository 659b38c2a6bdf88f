/** A TLS server on loopback that passes bytes on to another, with a certificate of a test's choice. */

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, type Server } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { programEnvironment } from './agent-process.js'

const certificates = new URL('elasticsearch-server/certificates.mjs', import.meta.url)

/** Makes `ca.crt` and `<name>.crt`, `<name>.key` in a directory. @param dates as openssl takes them: `20200101000000Z` */
export async function makeCertificate(
  directory: string,
  name: string,
  names?: string,
  dates?: { notBefore: string; notAfter: string },
): Promise<void> {
  const script = `
    import { makeAuthority, makeCertificate } from ${JSON.stringify(fileURLToPath(certificates))}
    const [directory, name, names, dates] = JSON.parse(process.argv[1])
    makeAuthority(directory)
    makeCertificate(directory, name, names ?? undefined, dates ?? undefined)`
  const args = ['--input-type=module', '-e', script, JSON.stringify([directory, name, names, dates])]
  await promisify(execFile)(process.execPath, args, { env: programEnvironment() })
}

export interface TlsFront {
  readonly url: string
  close(): Promise<void>
}

/** @param target port on loopback that speaks without TLS  @param at the port to listen on; default: a free one */
export async function startTlsFront(directory: string, name: string, target: number, at = 0): Promise<TlsFront> {
  const files = { cert: readFileSync(join(directory, `${name}.crt`)), key: readFileSync(join(directory, `${name}.key`)) }
  const server: Server = createServer(files, socket => {
    const behind = connect(target, '127.0.0.1')
    socket.pipe(behind).pipe(socket)
    socket.on('error', () => behind.destroy())
    behind.on('error', () => socket.destroy())
    server.once('close', () => {
      socket.destroy()
      behind.destroy()
    })
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>(resolve => server.listen(at, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://localhost:${port}`,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.emit('close')
      }),
  }
}
