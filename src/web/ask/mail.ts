/** The mail with the link. No text of a stranger is in it, but the list's name, and that as the logs have it and Mailman takes it. */
import type { AskMyListConfig } from '../../config/options.js'
import { openMailTransport } from '../../notify/mail-transport.js'
import { LINK_HOURS } from './link.js'
import type { OneList } from './list.js'

export interface MailSecrets {
  /** PEM */
  readonly ca: string | undefined
  readonly password: string | undefined
}

/** @throws of the mail server, or on the way to it; such an error may hold addresses */
export type SendLink = (list: OneList, link: string) => Promise<void>

export function makeSendLink({ mail, publicUrl }: AskMyListConfig, secrets: MailSecrets): SendLink {
  const transport = openMailTransport({ ...mail, ...secrets })
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
