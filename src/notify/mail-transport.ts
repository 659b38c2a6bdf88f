/** The way to a mail server: with TLS wherever somebody may be between, with little patience, and without a look at files or URLs. */
import { createTransport, type Transporter } from 'nodemailer'
import { isLoopback } from '../config/loopback.js'

export interface MailAccess {
  /** As nothing but `smtp://` or `smtps://`, host and port. */
  readonly server: string
  /** PEM */
  readonly ca: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
}

const PATIENCE_MS = 20_000

export function openMailTransport({ server, ca, username, password }: MailAccess): Transporter {
  const { protocol, hostname, port } = new URL(server)
  const secure = protocol === 'smtps:'
  // A mail server on this host has a certificate for another name, if any; nobody is between.
  const isPlain = !secure && isLoopback(hostname) && ca === undefined && password === undefined
  return createTransport({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 465 : 25) : Number(port),
    secure,
    ignoreTLS: isPlain,
    requireTLS: !isPlain && !secure,
    // Verified out loud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment would hand the password to a stranger.
    tls: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
    ...(username === undefined || password === undefined ? {} : { auth: { user: username, pass: password } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
