/**
 * What happens at lists.example.org in this test: lists, members and rules by REST, mail by LMTP, decisions of moderators,
 * bounces, and what goes wrong on a real host.
 */
import type { Mailman3 } from '../support/mailman3.js'
import type { Mail } from '../support/mailman3-lmtp.js'
import { until } from '../support/until.js'
import { eve, forged, host, mail, recovered, undelivered } from './posts.js'

export async function makeLists(mailman: Mailman3): Promise<void> {
  await mailman.must('POST', 'domains', { mail_host: host })
  const configs: Record<string, Record<string, string>> = {
    dev: { bounce_score_threshold: '1' },
    announce: { default_member_action: 'hold', default_nonmember_action: 'reject', subscription_policy: 'moderate' },
    urgent: { emergency: 'true' },
    liste: { preferred_language: 'de' },
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
    ['liste', ['ann']],
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

/** All held messages of a list: id → the number that a moderator decides on. */
async function held(mailman: Mailman3, list: string): Promise<Map<string, number>> {
  const { entries = [] } = await mailman.must('GET', `lists/${list}.${host}/held`)
  return new Map(entries.map(entry => [`${entry.message_id}`.replace(/[<>\r\n]/g, ''), Number(entry.request_id)]))
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
  // Mailman cannot log this one: the comment becomes part of a %-template.
  await decision('folded-part1 part2@example.net', 'discard', '100%')
}

export async function joinAndLeave(mailman: Mailman3): Promise<void> {
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
  for (const list of ['dev', 'announce']) {
    const question = new RegExp(`(${list}-confirm\\+\\w+)@`)
    const asked = await until(
      () => mailman.mailServer.taken.map(({ text }) => question.exec(text)?.[1]).find(address => address !== undefined),
      () => `a question of ${list} to confirm`,
    )
    await mailman.deliver(mail(`confirm-${list}@example.net`, eve, asked!, { subject: 'Re: confirm' }))
  }
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
  // From here on, only the full mailbox refuses a post.
  const disabled = ['ben', 'nouser1', 'many2'].map(name => `Member ${name}@example.org on list dev.${host}, bounce score 1 >= `)
  await mailman.says('bounce', ...disabled, 'nobody@example.org', '<bounce-odd@', '<bounce-verp-odd@')
}

/** What goes wrong on a real host. */
export async function troubles(mailman: Mailman3): Promise<void> {
  // Mailman refuses both; a raw 8-bit id makes its LMTP server fail.
  await refused(mailman.deliver(mail('n\xfcll@example.net', eve, 'dev')), '500')
  await refused(mailman.deliver(mail('no-list@example.net', eve, 'nolist')), '550')
  mailman.queue('in', 'This is no pickle')
  mailman.kill('digest')
  await mailman.mailServer.close()
  await mailman.deliver(undelivered)
  await mailman.says('smtp', /<undelivered@example.org> low level smtp error[\s\S]*<undelivered@example.org> delivery to/)
  await mailman.says('mailman', 'unparseable message', /(digest runner started[\s\S]*){2}/)
  await mailman.mailServer.listen(mailman.ports.smtp)
  await mailman.deliver(recovered)
  await mailman.says('smtp', '<recovered@example.org> delivery to full3@')
}

async function refused(delivery: Promise<void>, code: string): Promise<void> {
  const reply = await delivery.then(
    () => 'all is well',
    (error: Error) => error.message,
  )
  if (!reply.startsWith(`Mailman answered ${code}`)) throw new Error(`not refused with ${code}, but: ${reply}`)
}
