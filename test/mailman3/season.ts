/**
 * What happens at lists.example.org in this test: lists, members and rules by REST, mail by LMTP, decisions of moderators,
 * bounces, a rotation. Each message's id says what becomes of it.
 */
import type { Mailman3 } from '../support/mailman3.js'
import type { Mail } from '../support/mailman3-lmtp.js'
import { until } from '../support/until.js'

const host = 'lists.example.org'

export async function makeLists(mailman: Mailman3): Promise<void> {
  await mailman.must('POST', 'domains', { mail_host: host })
  const configs: Record<string, Record<string, string>> = {
    dev: { bounce_score_threshold: '1' },
    announce: { default_member_action: 'hold', default_nonmember_action: 'reject', subscription_policy: 'moderate' },
    urgent: { emergency: 'true' },
    plain: {
      filter_content: 'true',
      filter_types: 'text/html',
      filter_action: 'discard',
      default_nonmember_action: 'discard',
      unsubscription_policy: 'moderate',
    },
  }
  for (const [list, config] of Object.entries(configs)) {
    await mailman.must('POST', 'lists', { fqdn_listname: `${list}@${host}` })
    const all = { send_welcome_message: 'false', admin_immed_notify: 'false', ...config }
    await mailman.must('PATCH', `lists/${list}.${host}/config`, all)
  }
  for (const [header, pattern, action] of [
    ['X-Spam-Flag', '^yes', 'discard'],
    ['X-Virus', '.', 'reject'],
    ['X-Quarantine', '.', 'hold'],
  ] as const)
    await mailman.must('POST', `lists/dev.${host}/header-matches`, { header, pattern, action })
  await mailman.must('POST', `lists/dev.${host}/bans`, { email: 'banned@example.net' })

  for (const [list, names] of [
    ['dev', ['ann', 'ben', 'nouser1', 'many2', 'full3', 'mona', 'otto']],
    ['announce', ['ann']],
    ['urgent', ['ann']],
    ['plain', ['ann', 'ben']],
  ] as const)
    for (const name of names) await subscribe(mailman, list, `${name}@example.org`)
  const { entries } = await mailman.must('POST', 'members/find', { list_id: `dev.${host}`, subscriber: 'mona@example.org' })
  await mailman.must('PATCH', `members/${entries![0]!.member_id}`, { moderation_action: 'hold' })
}

function subscribe(mailman: Mailman3, list: string, subscriber: string) {
  const verified = { pre_verified: 'true', pre_confirmed: 'true', pre_approved: 'true' }
  return mailman.rest('POST', 'members', { list_id: `${list}.${host}`, subscriber, ...verified })
}

/** A mail to a list. @param id becomes its Message-ID, as it stands */
function mail(
  id: string,
  sender: string,
  list: string,
  { headers = '', subject = `About ${id}`, body = 'Hello all' } = {},
): Mail {
  const recipient = `${list}@${host}`
  const to = /^To: /m.test(headers) ? '' : `To: ${recipient}\n`
  const title = subject === '' ? '' : `Subject: ${subject}\n`
  return { sender, recipient, text: `From: ${sender}\n${to}${title}Message-ID: <${id}>\n${headers}\n${body}\n` }
}

const ann = 'ann@example.org'
const eve = 'eve@example.net'
/** Looks like a record of Mailman's: nothing that holds it happened. */
export const forged = `Nov 22 10:00:00 2026 (4242) HOLD: dev@${host} post from a@example.org held, message-id=<forged@example.org>: N/A`

/** Every reason to let a message through or not, each once. */
export const posts: readonly Mail[] = [
  mail('posted@example.org', ann, 'dev'),
  mail('stranger@example.net', eve, 'dev'),
  mail('moderated@example.org', 'mona@example.org', 'dev'),
  mail('spam@example.org', ann, 'dev', { headers: 'X-Spam-Flag: YES\n' }),
  mail('virus@example.org', ann, 'dev', { headers: 'X-Virus: Eicar\n' }),
  mail('quarantine@example.org', ann, 'dev', { headers: `X-Quarantine: ${forged}\n` }),
  mail('big@example.org', ann, 'dev', { body: 'Large message.\n'.repeat(4000) }),
  mail('no-subject@example.org', ann, 'dev', { subject: '' }),
  mail('two-reasons@example.org', ann, 'dev', { subject: '', headers: 'To: others@example.net\n' }),
  mail('administrivia@example.org', ann, 'dev', { body: 'unsubscribe' }),
  mail('folded-part1\n part2@example.net', eve, 'dev'),
  mail(`folded-forged\n ${forged}\n @example.net`, eve, 'dev'),
  mail('encoded@example.net', eve, 'dev', { subject: '=?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=' }),
  mail('forged-subject@example.net', eve, 'dev', { subject: `Hello\n ${forged}` }),
  mail('banned@example.net', 'banned@example.net', 'dev'),
  mail('emergency@example.org', ann, 'urgent'),
  mail('not-allowed@example.net', eve, 'plain'),
  mail('announcement@example.org', ann, 'announce'),
  mail('rejected@example.net', eve, 'announce'),
  mail('html@example.org', ann, 'plain', { headers: 'MIME-Version: 1.0\nContent-Type: text/html\n', body: '<p>Hello' }),
  mail('owner@example.net', eve, 'dev-owner'),
  mail('bulk-command@example.net', eve, 'dev-request', { headers: 'Precedence: bulk\n', subject: 'help' }),
]

/** While the logs have new names and Mailman does not know it. */
export const meanwhile: readonly Mail[] = [
  mail('meanwhile@example.org', ann, 'dev'),
  mail('stranger-meanwhile@example.net', eve, 'dev'),
]

export const later: readonly Mail[] = [mail('later@example.org', ann, 'dev')]

export const ids = (mails: readonly Mail[]) => mails.map(({ text }) => /^Message-ID: <([^>]*)>/m.exec(text)![1]!)

/** All held messages of a list: id → the number that a moderator decides on. */
async function held(mailman: Mailman3, list: string): Promise<Map<string, number>> {
  const { entries = [] } = await mailman.must('GET', `lists/${list}.${host}/held`)
  return new Map(entries.map(entry => [`${entry.message_id}`.replace(/[<>]/g, ''), Number(entry.request_id)]))
}

export async function decide(mailman: Mailman3): Promise<void> {
  const dev = await held(mailman, 'dev')
  const decision = async (id: string, action: string, comment?: string) => {
    await mailman.must('POST', `lists/dev.${host}/held/${dev.get(id)}`, { action, ...(comment === undefined ? {} : { comment }) })
  }
  await decision('stranger@example.net', 'accept')
  await decision('moderated@example.org', 'discard')
  await decision('encoded@example.net', 'reject', 'Not here, please.')
  await decision('forged-subject@example.net', 'discard', `Nonsense\n${forged}`)
}

export async function join(mailman: Mailman3): Promise<void> {
  // Twice: the second is refused, which is a record with a traceback.
  await subscribe(mailman, 'dev', 'zoe@example.org')
  await subscribe(mailman, 'dev', 'zoe@example.org')
  await subscribe(mailman, 'dev', 'banned@example.net')
  await mailman.deliver(
    mail('join-moderated@example.net', eve, 'announce-join', { subject: 'join' }),
    mail('join-confirmed@example.net', eve, 'dev-join', { subject: 'join' }),
    mail('leave@example.org', 'ben@example.org', 'plain-leave', { subject: 'leave' }),
  )
  const { entries } = await mailman.must('POST', 'members/find', { list_id: `dev.${host}`, subscriber: 'otto@example.org' })
  await mailman.must('DELETE', `members/${entries![0]!.member_id}`)
  const asked = await until(
    () => mailman.mailServer.taken.find(({ text }) => /^From: .*dev-confirm\+/m.test(text)),
    () => `a question to confirm; taken: ${JSON.stringify(mailman.mailServer.taken.map(({ text }) => text.slice(0, 300)))}`,
  )
  const confirm = /(dev-confirm\+\w+)@/.exec(asked!.text)![1]!
  await mailman.deliver(mail('confirm@example.net', eve, confirm, { subject: 'Re: confirm' }))
}

/** What a mail server says of a member it could not deliver to (RFC 3464). */
function bounce(id: string, member: string, recipient = `dev-bounces+${member.replace('@', '=')}`): Mail {
  const headers = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n'
  const report = `Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ${member}\nAction: failed\nStatus: 5.1.1`
  const body = `--b\n\nNo such user\n--b\nContent-Type: message/delivery-status\n\n${report}\n--b--`
  return { ...mail(id, 'mailer-daemon@example.net', recipient, { headers, body }), sender: '' }
}

export async function bounces(mailman: Mailman3): Promise<void> {
  await mailman.deliver(
    bounce('bounce-member@example.net', 'ben@example.org'),
    bounce('bounce-stranger@example.net', 'nobody@example.org'),
    mail('bounce-odd@example.net', 'mailer-daemon@example.net', 'dev-bounces'),
    mail('bounce-verp-odd@example.net', 'mailer-daemon@example.net', 'dev-bounces+ann=example.org'),
  )
}
