// The alert rules on short stories of their own: each fires at what it is for, and not at what is near it.
import t from 'tap'
import { askRule } from '../support/kibana-rules.js'
import { startNamespace } from '../support/templates.js'

t.setTimeout(180_000)

interface Given {
  /** Of the story's day. */
  readonly at: string
  readonly action: string
  readonly times?: number
  readonly from?: string
  readonly tags?: readonly string[]
  readonly runner?: string
  readonly provider?: string
  readonly list?: string
}
interface Story {
  readonly what: string
  readonly fires: boolean
  /** When the rule looks, on that day. */
  readonly at: string
  readonly given: readonly Given[]
}

const noon = '12:00'
const post = (at: string, times = 1): Given => ({ at, action: 'message-posted', times })
const refused = (times: number): Given => ({ at: '12:01', action: 'message-delivery-failed', times })
const again = (runner: string, times: number): Given => ({ at: noon, action: 'runner-restarted', runner, times })
const shunted = (times: number, tags: readonly string[] = []): Given => ({ at: noon, action: 'message-shunted', times, tags })
const error: Given = { at: '12:01', action: 'error-raised', times: 3 }

const people = ['ann', 'bob', 'carol', 'dave', 'erin']
const provider = 'mailman3'
const wrote = people.map((from): Given => ({ at: '09:00', action: 'message-posted', from, provider, times: 3 }))
const areHeld = people.map((from): Given => ({ at: noon, action: 'message-held', from, provider, times: 4 }))
const notices: Given = { at: '12:01', action: 'message-posted', from: 'dev-owner', provider, times: 40 }

const rules: Record<string, readonly Story[]> = {
  'most messages are held': [
    {
      what: 'Mailman 3, where notices are posts and do not count',
      fires: true,
      at: '12:10',
      given: [...wrote, ...areHeld, notices],
    },
    {
      what: 'Mailman 3 lets posts through',
      fires: false,
      at: '12:10',
      given: [...wrote, ...areHeld, { at: '12:01', action: 'message-accepted', times: 30, provider }],
    },
    {
      what: 'those of strangers',
      fires: false,
      at: '12:10',
      given: [...wrote, { at: noon, action: 'message-held', times: 60, from: 'x' }],
    },
    { what: 'no senders are stored', fires: true, at: '12:10', given: [{ at: noon, action: 'message-held', times: 30 }] },
    {
      what: 'moderators let many through, which is no sign of health',
      fires: true,
      at: '12:10',
      given: [...wrote, ...areHeld, { at: '12:05', action: 'message-approved', times: 15 }, post('12:05', 15)],
    },
    {
      what: 'a stranger wrote the lines',
      fires: false,
      at: '12:10',
      given: [...wrote, ...areHeld.map(one => ({ ...one, tags: ['a', 'mailman_suspect'] }))],
    },
  ],
  'all posts of a list are held': [
    { what: 'of its regular posters', fires: true, at: '12:30', given: [...wrote, ...areHeld, notices] },
    {
      what: 'they are posted on another list',
      fires: true,
      at: '12:30',
      given: [...wrote, ...areHeld, ...wrote.map(one => ({ ...one, at: noon, list: 'other' }))],
    },
    {
      what: 'others’ are not held',
      fires: false,
      at: '12:30',
      given: [...wrote, ...areHeld.slice(1), ...wrote.slice(0, 2).map(one => ({ ...one, at: noon }))],
    },
    {
      what: 'as always: a list whose posts are all moderated',
      fires: false,
      at: '12:30',
      given: [...wrote, ...wrote.map(one => ({ ...one, action: 'message-held' })), ...areHeld],
    },
  ],
  'errors after a start': [
    { what: 'three', fires: true, at: '12:05', given: [{ at: noon, action: 'runner-started', times: 8 }, error] },
    { what: 'before it', fires: false, at: '12:05', given: [error, { at: '12:02', action: 'runner-started', times: 8 }] },
    { what: 'without one', fires: false, at: '12:05', given: [error] },
  ],
  'a runner is dead or crashes again and again': [
    { what: 'given up', fires: true, at: '12:30', given: [{ at: noon, action: 'runner-restart-limit', runner: 'A' }] },
    { what: 'two restarts', fires: false, at: '12:05', given: [again('A', 2)] },
    { what: 'three of one runner', fires: true, at: '12:05', given: [again('A', 3)] },
    { what: 'one of each of three', fires: false, at: '12:05', given: [again('A', 1), again('B', 1), again('C', 1)] },
  ],
  'delivery fails': [
    {
      what: 'said once, hours ago',
      fires: true,
      at: '14:00',
      given: [post('11:00'), { at: noon, action: 'smtp-connect-failed' }],
    },
    { what: 'it is back', fires: false, at: '14:00', given: [{ at: noon, action: 'smtp-connect-failed' }, post('12:30')] },
    { what: 'never a post', fires: true, at: '12:10', given: [{ at: noon, action: 'smtp-auth-failed' }] },
    { what: 'ten refusals for each post', fires: true, at: '12:10', given: [post(noon, 6), refused(60)] },
    { what: 'one post to many old addresses', fires: false, at: '12:10', given: [post(noon), refused(60)] },
  ],
  'messages are shunted': [
    { what: 'five', fires: false, at: '12:10', given: [shunted(5)] },
    { what: 'six', fires: true, at: '12:10', given: [shunted(6)] },
    { what: 'six that a stranger wrote', fires: false, at: '12:10', given: [shunted(6, ['mailman_suspect'])] },
  ],
}

const stories = Object.entries(rules).flatMap(([rule, all]) => all.map(story => ({ rule, ...story })))
/** Farther from each other than any rule looks back. */
const dayOf = (story: number): string => new Date(Date.UTC(2016, 0, 1 + story * 9)).toISOString().slice(0, 10)

function documentOf(day: string, { at, action, from, tags = [], runner, provider = 'mailman2', list = 'dev' }: Given): object {
  return {
    '@timestamp': `${day}T${at}:00Z`,
    event: { action, provider },
    host: { name: 'lists1' },
    mailman: { list: { name: list }, runner: { name: runner } },
    ...(from === undefined ? {} : { email: { from: { address: [from] } } }),
    ...(tags.length === 0 ? {} : { tags }),
  }
}

t.test('stories', async t => {
  const { client, namespace } = await startNamespace(t)
  const create = { _index: `logs-mailman.vette-${namespace}` }
  const operations = stories.flatMap(({ given }, i) =>
    given.flatMap(one => Array.from({ length: one.times ?? 1 }, () => [{ create }, documentOf(dayOf(i), one)]).flat()),
  )
  t.notOk((await client.bulk<object>({ operations, refresh: true })).errors)
  for (const [i, { rule, what, fires, at }] of stories.entries())
    t.equal((await askRule(client, namespace, rule, `${dayOf(i)}T${at}`)).length > 0, fires, `${rule}: ${what}`)
})

t.test('an agent sends nothing', async t => {
  const { client, namespace } = await startNamespace(t)
  const index = `agent-${namespace}`
  const properties = { '@timestamp': { type: 'date' }, host: { properties: { name: { type: 'keyword' } } } } as const
  await client.indices.create({ index, mappings: { properties } })
  const heard = { up: '2016-05-02T12:00', dead: '2016-05-02T11:30', 'given-up': '2016-05-01T11:00' }
  const documents = Object.entries(heard).map(([name, at]) => ({ '@timestamp': `${at}:00Z`, host: { name } }))
  await client.bulk<object>({ index, refresh: true, operations: documents.flatMap(one => [{ create: {} }, one]) })
  const rows = await askRule(client, namespace, 'an agent sends nothing', '2016-05-02T12:05')
  t.same(
    rows.map(row => row.get('host')),
    ['dead'],
  )
  await client.indices.delete({ index })
})
