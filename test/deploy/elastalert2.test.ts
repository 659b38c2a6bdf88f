/**
 * The rules for ElastAlert2, by the real one on the real Elasticsearch: loud in the outage of 2015, quiet in a wave of spam. The
 * generated hours are moved so that they end now, since it has no end in the past.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Post, type Receivers, runElastalert, startReceivers } from '../support/elastalert2.js'
import { Reading, sourceOf } from '../support/reading.js'
import { startNamespace } from '../support/templates.js'
import { generate, incident2015 } from '../support/traffic/generate.mjs'

t.setTimeout(280_000)
// Each waits, mostly: up to 15 seconds before a rule begins.
t.jobs = 3

const skip =
  process.env.ELASTALERT2 === undefined && 'ElastAlert2 takes a minute, and its installation one more: npm run elastalert2'

const MINUTE_MS = 60_000
const directory = t.testdir({})

interface Story {
  /** `2015-05-14T12:00`, UTC. */
  readonly from: string
  readonly to: string
  /** This time is now. */
  readonly now: string
  /** Lines of logs beside the generated ones. */
  readonly more?: Readonly<Record<string, string>>
  /** What becomes of a document. */
  readonly change?: (document: Document) => void
}

interface Document {
  tags?: string[]
  '@timestamp': string
  readonly event: { action?: string }
  readonly mailman: { hold?: object }
}

interface Told extends Receivers {
  /** Milliseconds by which the story was moved. */
  readonly movedMs: number
}

/** The story by the real event stage into a namespace of its own, then all rules over it. */
async function play(t: Test, name: string, { from, to, now, more = {}, change = () => {} }: Story): Promise<Told> {
  const { server, namespace, client } = await startNamespace(t)
  const [begin, end, nowMs] = [from, to, now].map(text => Date.parse(`${text}Z`)) as [number, number, number]
  const movedMs = Date.now() - nowMs
  const texts = new Map<string, string>()
  for (const minute of generate({ incident: '2015', from: from.slice(0, 10), to: to.slice(0, 10) }))
    for (const { at, log, text } of minute)
      if (at >= begin / 1000 && at < end / 1000) texts.set(log, (texts.get(log) ?? '') + text)
  for (const [log, text] of Object.entries(more)) texts.set(log, (texts.get(log) ?? '') + text)
  for (const [log, text] of texts) {
    const reading = new Reading(text, { source: sourceOf(log), maxLineBytes: 1 << 20 }).feed(text)
    reading.end()
    const operations = reading.events.flatMap(({ id, dataset, document }) => {
      const moved = JSON.parse(Buffer.from(document, 'latin1').toString('utf8')) as Document
      moved['@timestamp'] = new Date(Date.parse(moved['@timestamp']) + movedMs).toISOString()
      change(moved)
      return [{ create: { _index: `logs-${dataset}-${namespace}`, _id: id } }, moved]
    })
    const { errors } = await client.bulk({ operations, refresh: true })
    if (errors) throw new Error(`${log} was not taken`)
  }
  // The rights that README.md names, and no more.
  const { id, api_key } = await client.security.createApiKey({
    name: `elastalert-${namespace}`,
    role_descriptors: {
      elastalert: {
        cluster: ['monitor'],
        indices: [
          { names: [`logs-mailman.*-${namespace}`], privileges: ['read', 'view_index_metadata'] },
          { names: [`elastalert-${namespace}*`], privileges: ['all'] },
        ],
      },
    },
  })
  const receivers = await startReceivers(t)
  const apiKey = Buffer.from(`${id}:${api_key}`).toString('base64')
  const said = await runElastalert(t, join(directory, name), { server, namespace, apiKey, receivers }, new Date(begin + movedMs))
  t.notMatch(said, /Error running|Uncaught exception/, 'each rule ran to its end')
  return { ...receivers, movedMs }
}

const rulesOf = ({ posts }: Told): string[] => [...new Set(posts.map(({ rule }) => rule))].sort()
const find = ({ posts }: Told, rule: string): Post => posts.find(post => post.rule === rule) ?? { rule: 'none' }

/** No address is in what goes out, and nothing is missing in the texts. */
function checkTexts(t: Test, { posts, mails }: Told): void {
  t.equal(mails.length, posts.length, 'each goes out both ways')
  t.notMatch(JSON.stringify([posts, mails]), /@(?!timestamp")|<MISSING VALUE>|\{\d\}/)
}

t.test('the outage of 2015', { buffered: true, skip }, async t => {
  const told = await play(t, 'outage', { from: '2015-05-19T17:00', to: '2015-05-19T19:57', now: '2015-05-19T20:03' })
  const atOnce = ['errors-at-restart', 'nearly-all-held', 'share-of-held', 'spike-of-holds']
  t.strictSame(rulesOf(told), [...atOnce, 'list-all-held'].sort())
  for (const rule of atOnce) {
    const minutes = (Date.parse(`${find(told, rule)['@timestamp']}`) - told.movedMs - incident2015.started * 1000) / MINUTE_MS
    t.ok(minutes > -1 && minutes <= 10, `${rule}: ${minutes.toFixed(1)} minutes after the start`)
  }
  checkTexts(t, told)
})

t.test('a wave of spam, and forged holds', { buffered: true, skip }, async t => {
  let forged = 0
  const told = await play(t, 'wave', {
    from: '2015-05-14T12:30',
    to: '2015-05-14T15:27',
    now: '2015-05-14T15:33',
    // As if a stranger had written of holds, of which there are enough for each rule.
    change(document) {
      if (document.event.action !== 'message-discarded') return
      forged++
      document.event.action = 'message-held'
      document.tags = ['mailman_suspect']
      document.mailman.hold = { reason: ['suspicious-header'] }
    },
  })
  t.ok(forged > 200, `${forged} forged`)
  t.strictSame(told.posts, [])
  t.strictSame(told.mails, [])
})

t.test('a mail server that refuses all, then an agent that is dead', { buffered: true, skip }, async t => {
  const line = (n: number) =>
    `May 19 12:${10 + (n % 20)}:00 2015 (99) delivery to member${n}@example.net failed with code 550: 5.7.1 rejected\n`
  const refused = Array.from({ length: 600 }, (_, n) => line(n)).join('')
  const story = { from: '2015-05-19T12:00', to: '2015-05-19T13:00', now: '2015-05-19T16:03', more: { 'smtp-failure': refused } }
  const told = await play(t, 'dead', story)
  t.strictSame(rulesOf(told), ['agent-silent', 'delivery-failures'])
  checkTexts(t, told)
})
