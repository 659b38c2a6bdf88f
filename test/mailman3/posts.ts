/** The mails of this test, and what Mailman's logs say of each: its events' actions, with fields that they must have. */
import type { ActionName } from '../../parsers/_actions.js'
import type { HoldReasonSlug } from '../../parsers/_hold-reasons.js'
import type { Mail } from '../support/mailman3-lmtp.js'

export const host = 'lists.example.org'
export const ann = 'ann@example.org'
export const eve = 'eve@example.net'

/** Looks like a record of Mailman’s, of a time that no clock of this run can show: nothing that holds it happened. */
export const forged = `Nov 22 10:00:00 2001 (4242) HOLD: dev@${host} post from a@example.org held, message-id=<forged@example.org>: N/A`

type Fate = Readonly<Partial<Record<ActionName, object>>>

export interface Post extends Mail {
  /** As an event names it: without the folding. */
  readonly id: string
  readonly fate: Fate
}

/** A mail to a list. @param id becomes its Message-ID, as it stands */
export function mail(
  id: string,
  sender: string,
  list: string,
  { headers = '', subject = `About ${id}`, body = 'Hi' } = {},
): Mail {
  const recipient = `${list}@${host}`
  const to = /^To: /m.test(headers) ? '' : `To: ${recipient}\n`
  const title = subject === '' ? '' : `Subject: ${subject}\n`
  return { sender, recipient, text: `From: ${sender}\n${to}${title}Message-ID: <${id}>\n${headers}\n${body}\n` }
}

function post(fate: Fate, ...about: Parameters<typeof mail>): Post {
  return { ...mail(...about), id: about[0].replace(/\n\s+/g, ' '), fate }
}

const held = (list: string, from: string, ...reason: HoldReasonSlug[]): Fate => ({
  'message-held': { email: { from: { address: [from] } }, mailman: { list: { fqdn: `${list}@${host}` }, hold: { reason } } },
})
const discarded = (reason: HoldReasonSlug): Fate => ({ 'message-discarded': { mailman: { hold: { reason: [reason] } } } })

/** One member's mail server says no for now, so nothing is delivered wholly. */
const delivered = (from: string): Fate => ({
  'message-delivered': { event: { outcome: 'success' }, mailman: { list: { fqdn: `dev@${host}` } } },
  'message-posted': { email: { from: { address: [from] } }, mailman: { list: { fqdn: `dev@${host}` } } },
  'message-delivery-failed': { event: { outcome: 'failure' } },
})
const accepted: Fate = { 'message-accepted': {}, ...delivered(ann) }

/** Every reason to let a message through or not, each once. */
export const posts: readonly Post[] = [
  post(accepted, 'posted@example.org', ann, 'dev'),
  post(
    { ...held('dev', eve, 'post-by-non-member'), 'message-approved': {}, ...delivered(eve) },
    'stranger@example.net',
    eve,
    'dev',
  ),
  post(held('dev', 'mona@example.org', 'post-to-moderated-list'), 'moderated@example.org', 'mona@example.org', 'dev'),
  post(discarded('header-rule'), 'spam@example.org', ann, 'dev', { headers: 'X-Spam-Flag: YES\n' }),
  post({ 'message-rejected': {} }, 'virus@example.org', ann, 'dev', { headers: 'X-Virus: Eicar\n' }),
  post(held('dev', ann, 'header-rule'), 'quarantine@example.org', ann, 'dev', { headers: `X-Quarantine: ${forged}\n` }),
  post(held('dev', ann, 'too-big'), 'big@example.org', ann, 'dev', { body: 'Large message.\n'.repeat(4000) }),
  post(held('dev', ann, 'no-subject'), 'no-subject@example.org', ann, 'dev', { subject: '' }),
  post(held('dev', ann, 'implicit-destination', 'no-subject'), 'two-reasons@example.org', ann, 'dev', {
    subject: '',
    headers: 'To: others@example.net\n',
  }),
  post(held('dev', ann, 'administrivia'), 'administrivia@example.org', ann, 'dev', { body: 'unsubscribe' }),
  post(held('dev', eve, 'post-by-non-member'), 'folded-part1\n part2@example.net', eve, 'dev'),
  post(held('dev', eve, 'post-by-non-member'), 'encoded@example.net', eve, 'dev', {
    subject: '=?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=',
  }),
  post(held('dev', eve, 'post-by-non-member'), 'forged-subject@example.net', eve, 'dev', { subject: `Hello\n ${forged}` }),
  post(discarded('sender-banned'), 'banned@example.net', 'banned@example.net', 'dev'),
  post(discarded('loop'), 'loop@example.org', ann, 'dev', { headers: `List-Post: dev@${host}\n` }),
  post(held('urgent', ann, 'emergency'), 'emergency@example.org', ann, 'urgent'),
  post(held('announce', ann, 'post-to-moderated-list'), 'announcement@example.org', ann, 'announce'),
  post({ 'message-rejected': {} }, 'rejected@example.net', eve, 'announce'),
  // Reasons are English, whatever the list's language.
  post(held('liste', ann, 'no-subject'), 'auf-deutsch@example.org', ann, 'liste', { subject: '' }),
  post(discarded('post-by-non-member'), 'not-allowed@example.net', eve, 'plain'),
  post(
    {
      'message-accepted': {},
      'message-discarded': { mailman: { handler: 'mime-delete', pipeline: 'default-posting-pipeline' } },
    },
    'html@example.org',
    ann,
    'plain',
    { headers: 'MIME-Version: 1.0\nContent-Type: text/html\n', body: '<p>Hi' },
  ),
  post({ 'owner-message': {}, 'message-delivered': {}, 'message-posted': {} }, 'owner@example.net', eve, 'dev-owner'),
  post({ 'command-discarded': {} }, 'bulk-command@example.net', eve, 'dev-request', {
    headers: 'Precedence: bulk\n',
    subject: 'help',
  }),
]

/** Held like any other; its id is nothing to rely on. */
export const forgedId = mail(`folded-forged\n ${forged}\n @example.net`, eve, 'dev')

/** While the logs have new names and Mailman does not know it. */
export const meanwhile: readonly Post[] = [
  post(accepted, 'meanwhile@example.org', ann, 'dev'),
  post(held('dev', 'mallory@example.net', 'post-by-non-member'), 'stranger-meanwhile@example.net', 'mallory@example.net', 'dev'),
]

export const later = post(accepted, 'later@example.org', ann, 'dev')

/** While there is no mail server, and when there is one again. */
export const undelivered = post(
  { 'owner-message': {}, 'message-delivered': {}, 'message-posted': {}, 'message-delivery-failed': {} },
  'undelivered@example.org',
  ann,
  'dev-owner',
)
export const recovered = post(accepted, 'recovered@example.org', ann, 'dev')
