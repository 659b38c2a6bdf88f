/** The parsers as other programs import them: by the package's name, from what was built. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parseLine, parsers } from '../../parsers/_index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('a line becomes action and fields', async t => {
  const held = 'Dec 31 23:59:25 2025 (7660) Dev post from A@b held, message-id=<c@d>: Post by non-member to a members-only list'
  t.strictSame(parseLine('vette', held), {
    time: 'Dec 31 23:59:25 2025',
    pid: 7660,
    text: held.slice(28),
    log: 'vette',
    action: 'message-held',
    outcome: undefined,
    fields: {
      'mailman.list.name': 'dev',
      'email.from.address': ['a@b'],
      'email.message_id': 'c@d',
      'mailman.hold.reason': ['post-by-non-member'],
      'mailman.hold.reason_text': 'Post by non-member to a members-only list',
    },
  })
})

t.test('a record of several lines, a file that several logs share, and what is not understood', async t => {
  const rejected =
    'Dec 31 23:59:25 2025 (1) Message rejected, msgid: <c@d>\n        list: Dev,\n        handler: Moderate,\n        reason: No.'
  t.match(parseLine('vette', rejected), { action: 'message-rejected', fields: { 'event.reason': 'No.' } })
  t.match(parseLine('mailman', 'Nov 22 17:04:43 2026 (1) HOLD: dev@x.org post from a@b held, message-id=<c@d>: N/A'), {
    log: 'vette',
    action: 'message-held',
    fields: { 'mailman.list.fqdn': 'dev@x.org', 'mailman.hold.reason': ['unknown'] },
  })
  t.match(parseLine('vette', 'no stamp'), { time: undefined, action: undefined, text: 'no stamp' })
  t.match(parseLine('no-such-log', rejected), { action: undefined, pid: 1 })
  t.ok(parsers.size > 15)
})

t.test('by its name, without the agent', async t => {
  const script = `
    import { parseLine } from 'mailman-shipper/parsers'
    console.log(parseLine('post', 'Nov 22 17:04:43 2026 (7660) post to dev from a@b, size=5, message-id=<c@d>, success').action)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root })
  t.equal(stdout.toString(), 'message-posted\n', stderr.toString())
})
