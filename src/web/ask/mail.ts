/** The mail with the link. No text of a stranger is in it, but the list's name, and that as the logs have it and Mailman takes it. */
import { createTransport } from 'nodemailer'
import { isLoopback } from '../../config/loopback.js'
import type { AskMyListConfig } from '../../config/options.js'
import { LINK_HOURS } from './link.js'
import type { OneList } from './list.js'

export interface MailSecrets {
  /** PEM */
  readonly ca: string | undefined
  readonly password: string | undefined
}

/** @throws of the mail server, or on the way to it; such an error may hold addresses */
export type SendLink = (list: OneList, link: string) => Promise<void>

const PATIENCE_MS = 20_000

export function makeSendLink({ mail, publicUrl }: AskMyListConfig, { ca, password }: MailSecrets): SendLink {
  const { protocol, hostname, port } = new URL(mail.server)
  const secure = protocol === 'smtps:'
  // A mail server on this host has a certificate for another name, if any; nobody is between.
  const isPlain = !secure && isLoopback(hostname) && ca === undefined && password === undefined
  const transport = createTransport({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 465 : 25) : Number(port),
    secure,
    ignoreTLS: isPlain,
    requireTLS: !isPlain && !secure,
    tls: ca === undefined ? {} : { ca },
    ...(mail.username === undefined || password === undefined ? {} : { auth: { user: mail.username, pass: password } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async ({ name, domain }, link) => {
    await transport.sendMail({
      from: mail.from,
      to: { name: '', address: `${name}-owner@${domain}` },
      subject: `What the logs say of the list ${name}@${domain}`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      text: textOf(`${name}@${domain}`, link, new URL('open', publicUrl).href),
    })
  }
}

const textOf = (
  list: string,
  link: string,
  page: string,
): string => `Somebody asked for a link to what Mailman's logs say of the list
${list}: what is held and why, what became of a message,
bounces. It goes to the list's owners only, and opens this list only:

${link}

It works for ${LINK_HOURS} hours, for whoever has it. Without JavaScript: open
${page}
and paste what stands behind the # there.

If you did not ask: nothing was shown to anybody, and there is nothing to
do.
`
