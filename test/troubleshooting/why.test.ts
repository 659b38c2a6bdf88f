/** Why: counts, memberships and what waits, from log lines as Mailman writes them. */
import t from 'tap'
import { askWhyAddress } from '../../src/troubleshooting/why-address.js'
import { askWhyList } from '../../src/troubleshooting/why-list.js'
import { askWhyMessage, scopeOf } from '../../src/troubleshooting/why-message.js'
import { storeOf } from '../support/told-store.js'

const held = (list: string, stamp: string, id: string, from = 'ann@example.org', reason = 'Post to moderated list') =>
  `Mar ${stamp} 2024 (11) ${list} post from ${from} held, message-id=<${id}@example.org>: ${reason}\n`
const post = (list: string, stamp: string, id: string) =>
  `Mar ${stamp} 2024 (20) post to ${list} from ann@example.org, size=1, message-id=<${id}@example.org>, success\n`
const march = (day: number, hour = 0) => Date.UTC(2024, 2, day, hour)

t.test('a message: the rule, its option in 2.1 and 3, and how many are like it', async t => {
  const others = Array.from({ length: 6 }, (_, i) => held(`list${i}`, `20 10:0${i}:00`, `other${i}`, `x${i}@example.org`)).join(
    '',
  )
  const early = held('dev', '18 09:00:00', 'early', 'bob@example.org')
  const unlike = held('dev', '20 10:00:00', 'unlike', 'eve@example.org', 'Too many recipients to the message')
  const store = storeOf(t, [{ log: 'vette', text: early + held('Dev', '20 10:00:00', 'a') + unlike + others }])
  const {
    held: [why],
  } = await askWhyMessage(store, 'a@example.org')
  t.match(why, {
    scope: 'many lists',
    life: { state: 'waiting', list: 'dev' },
    reasons: [
      {
        slug: 'post-to-moderated-list',
        text: 'Post to moderated list',
        option2: /default_member_moderation/,
        option3: /default_member_action/,
      },
    ],
    like: [
      { hours: 24, onList: 1, all: 7, lists: 7 },
      { hours: 168, onList: 2, all: 8, lists: 7 },
    ],
  })
})

t.test('this post, this list or many', async t => {
  t.equal(scopeOf({ onList: 1, all: 2, lists: 2 }), 'this post')
  t.equal(scopeOf({ onList: 20, all: 21, lists: 2 }), 'this list')
  t.equal(scopeOf({ onList: 5, all: 21, lists: 9 }), 'many lists')
})

t.test('an address: joined, bounced, disabled, removed; held and refused', async t => {
  const store = storeOf(t, [
    {
      log: 'subscribe',
      text: `Mar 01 10:00:00 2024 (5) dev: new Ann <ann@example.org>, via web confirmation
Mar 02 10:00:00 2024 (5) users: new ann@example.org, admin mass sub
Mar 09 10:00:00 2024 (5) users: deleted ann@example.org; disabled address\n`,
    },
    {
      log: 'bounce',
      text: `Mar 05 10:00:00 2024 (6) dev: ann@example.org bounce score: 1.0
Mar 06 10:00:00 2024 (6) dev: ann@example.org current bounce score: 5.0
Mar 06 10:00:00 2024 (6) dev: ann@example.org disabling due to bounce score 5.0 >= 5.0\n`,
    },
    { log: 'vette', text: held('dev', '07 10:00:00', 'a') + held('dev', '07 10:00:00', 'b', 'bob@example.org') },
    { log: 'smtp-failure', text: 'Mar 05 10:00:00 2024 (20) delivery to ann@example.org failed with code 550: 5.1.1 unknown\n' },
  ])
  const why = await askWhyAddress(store, ['ann@example.org'])
  t.match(why, {
    memberships: [
      { list: 'dev', last: { action: 'member-disabled', score: 5, threshold: 5 }, bounces: 2 },
      { list: 'users', last: { action: 'member-unsubscribed', via: 'disabled address' }, bounces: 0 },
    ],
    held: [{ event: { messageId: 'a@example.org' }, life: { state: 'waiting' } }],
    heldTotal: 1,
    refused: [{ code: '550' }],
    isFrom3: false,
  })
  t.match(await askWhyAddress(store, ['nobody@example.org']), { total: 0, memberships: [] })
})

t.test('a list: what waits, and the share of holds against before', async t => {
  const vette =
    held('dev', '01 10:00:00', 'old1') +
    'Mar 01 11:00:00 2024 (12) dev: held message approved, message-id: <old1@example.org>\n' +
    held('dev', '20 10:00:00', 'n1', 'bob@example.org') +
    held('dev', '20 10:01:00', 'n2', 'bob@example.org') +
    held('dev', '20 10:02:00', 'n3', 'eve@example.org', 'Post by non-member to a members-only list') +
    'Mar 20 11:00:00 2024 (12) dev: Discarded posting:\n\tFrom: bob@example.org\n\tSubject: x\n' +
    held('users', '20 10:00:00', 'u1')
  const posts = [1, 2, 3].map(day => post('dev', `0${day} 12:00:00`, `p${day}`)).join('') + post('dev', '20 12:00:00', 'p20')
  const store = storeOf(t, [
    { log: 'vette', text: vette },
    { log: 'post', text: posts },
  ])
  const why = await askWhyList(store, 'dev', march(20, 13))
  t.match(why, {
    isPast: false,
    day: { held: 3, posted: 1, share: 0.75 },
    week: { held: 3, posted: 1 },
    before: { held: 1, posted: 3, share: 0.25, fromMs: march(1, 10) },
    everywhere: { held: 4, posted: 1 },
    reasons: [
      { slug: 'post-to-moderated-list', count: 2, usual: (7 * 24) / (12 * 24 + 3) },
      { slug: 'post-by-non-member', count: 1, usual: 0 },
    ],
    waiting: { count: 2, isCut: false },
  })
  t.strictSame(
    why.waiting.sure.map(({ messageId }) => messageId),
    ['n3@example.org'],
    'of the two posts of bob one was discarded; the log does not say which',
  )
  t.match(await askWhyList(store, 'dev', march(30)), { isPast: true, atMs: march(20, 12) + 1, day: { held: 3 } })
  t.match(await askWhyList(store, '__proto__', march(20, 13)), { total: 0, waiting: { count: 0 } })
})
