/**
 * Why a connection fails, in words: connects once more, sends nothing, and reads what the certificate says. The client tells
 * only that it failed; an operator needs the name and the date (F56).
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'

export type Finding = { readonly kind: 'tls'; readonly detail: string } | { readonly kind: 'network'; readonly code: string }

const probeTimeoutMs = 5000

/** @returns undefined where the connection works now, or nothing can be said */
export function probe(url: URL, authority: string | undefined): Promise<Finding | undefined> {
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (isTls ? 443 : 80))
  return new Promise(resolve => {
    // Verified all the same: `rejectUnauthorized: false` only keeps the socket, so that the certificate can be read from it.
    const tls = { host, port, ...(isIP(host) ? {} : { servername: host }), ca: authority, rejectUnauthorized: false }
    const socket: Socket | TLSSocket = isTls ? connectTls(tls) : connectTcp({ host, port })
    const end = (finding: Finding | undefined): void => {
      socket.destroy()
      resolve(finding)
    }
    socket.setTimeout(probeTimeoutMs, () => end({ kind: 'network', code: 'ETIMEDOUT' }))
    socket.on('error', error => end(readError(error)))
    if (isTls) socket.on('secureConnect', () => end(readCertificate(socket as TLSSocket, host)))
    else socket.on('connect', () => end(undefined))
  })
}

function readError(error: Error): Finding {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = first instanceof Error && 'code' in first ? String(first.code) : ''
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return { kind: 'tls', detail: 'no TLS is spoken there; is the node http://?' }
  return { kind: 'network', code: /^[A-Z_]{3,40}$/.test(code) ? code : 'unknown' }
}

function readCertificate(socket: TLSSocket, host: string): Finding | undefined {
  if (socket.authorized) return undefined
  // Node's type says Error; it is the code of that error.
  const code = String(socket.authorizationError)
  const certificate = socket.getPeerCertificate()
  const subject = quote(certificate.subject?.CN)
  const day = (date: string | undefined): string => (date === undefined ? '?' : new Date(date).toISOString().slice(0, 10))
  const detail = (): string => {
    switch (code) {
      case 'CERT_HAS_EXPIRED':
        return `the certificate of ${subject}, or of its issuer, has expired (its own last day: ${day(certificate.valid_to)})`
      case 'CERT_NOT_YET_VALID':
        return `the certificate of ${subject}, or of its issuer, is not valid yet (its own first day: ${day(certificate.valid_from)}); is the clock right?`
      case 'ERR_TLS_CERT_ALTNAME_INVALID':
        return `the certificate is for ${quote(certificate.subjectaltname)}, not for ${host}`
      case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      case 'SELF_SIGNED_CERT_IN_CHAIN':
      case 'UNABLE_TO_GET_ISSUER_CERT':
      case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
        return `the certificate of ${subject} is from an authority that is not trusted here; is caFile the right one? (${code})`
      default:
        return `the certificate of ${subject} is not accepted (${/^[A-Z_]{3,60}$/.test(code) ? code : 'unknown reason'})`
    }
  }
  return { kind: 'tls', detail: detail() }
}

/** A certificate is a stranger's text until it is verified. */
function quote(text: unknown): string {
  return `"${String(text ?? '')
    .replace(/[^\w.:*, @/-]/g, '?')
    .slice(0, 200)}"`
}
