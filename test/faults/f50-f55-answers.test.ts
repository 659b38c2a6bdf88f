/**
 * F50, F51, F52, F55: answers that the real server cannot be made to give, under the real agent: each is tried again as a whole or
 * in part until every line is stored once; nothing counts as stored by an answer that does not say so of each document.
 */
import t, { type Test } from 'tap'
import { type BulkScript, type FakeElasticsearch, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { until } from '../support/until.js'

async function start(t: Test): Promise<{ fake: FakeElasticsearch; story: LogStory }> {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const elasticsearch = { nodes: [fake.url], compression: 'none' }
  return { fake, story: new LogStory(t, { ndjson: undefined, elasticsearch }) }
}

/** Waits until all is settled; then every line is stored once, in order of first arrival. */
async function storesExactly(t: Test, fake: FakeElasticsearch, story: LogStory, without: readonly number[] = []): Promise<void> {
  await until(
    () => story.status()?.files[0]?.offset === story.text().length && story.status()?.holdUp === null,
    () => `${fake.stored.size} of ${story.next}: ${JSON.stringify(story.agent.log.slice(-3))}, ${JSON.stringify(story.status())}`,
  )
  const numbers = [...fake.stored.values()].map(document => numberOf(JSON.parse(document).message))
  const expected = Array.from({ length: story.next }, (_, number) => number).filter(number => !without.includes(number))
  t.same(
    numbers.toSorted((a, b) => a - b),
    expected,
    'each line once',
  )
}

const item = (status: number, type: string, reason = 'x'): object => ({ create: { status, error: { type, reason } } })
const full = item(429, 'es_rejected_execution_exception')

t.test('F50 429, for whole requests and for each item, for a while', async t => {
  const { fake, story } = await start(t)
  const busy: BulkScript = () => ({
    status: 429,
    body: { error: { type: 'es_rejected_execution_exception', reason: 'x' }, status: 429 },
  })
  const none: BulkScript = ({ id }) => ({ body: { errors: true, items: id.map(() => full) } })
  fake.next(busy, busy, none, none, busy)
  story.write(300)
  story.start()
  await storesExactly(t, fake, story)
  t.match(story.troubles, [{ code: 'MLS_OUTPUT_BUSY' }])
  t.equal(story.troubles.length, 1)
  t.same(
    fake.requests.map(({ id }) => id.length),
    Array(6).fill(300),
    'and once more',
  )
  await story.stop()
})

t.test('F52 one of 300 is refused, three are throttled', async t => {
  const { fake, story } = await start(t)
  const sizes: number[] = []
  fake.next((request, store) => {
    const { items } = store() as { items: object[] }
    const answered = [...items]
    for (const at of [3, 77, 299]) {
      answered[at] = full
      ;(fake.stored as Map<string, string>).delete(`${request.index[at]}/${request.id[at]}`)
    }
    answered[250] = item(400, 'document_parsing_exception', 'failed to parse field [x] of type [long]')
    ;(fake.stored as Map<string, string>).delete(`${request.index[250]}/${request.id[250]}`)
    return { body: { errors: true, items: answered } }
  })
  story.write(300)
  story.start()
  await storesExactly(t, fake, story, [250])
  sizes.push(...fake.requests.map(({ id }) => id.length))
  t.same(sizes, [300, 3], 'only what was throttled is sent again')
  t.match(story.status()?.counts, { stored: 299, setAside: 1, duplicates: 0 })
  await story.stop()
})

t.test('F51 a 200 that does not speak of each document', async t => {
  const { fake, story } = await start(t)
  const html: BulkScript = () => ({ body: '<html>Sign in</html>' })
  const empty: BulkScript = () => ({ body: '' })
  const missing: BulkScript = () => ({ body: { took: 1, errors: false } })
  const short: BulkScript = (_, store) => {
    const { items } = store() as { items: object[] }
    return { body: { errors: false, items: items.slice(1) } }
  }
  story.start()
  let duplicates = 0
  for (const [script, taken] of [
    [html, false],
    [empty, false],
    [missing, false],
    [short, true],
  ] as const) {
    fake.next(script)
    story.write(20)
    if (taken) duplicates += 20
    await storesExactly(t, fake, story)
    t.equal(story.status()?.counts.duplicates, duplicates, 'as many as it had taken without saying so')
  }
  t.ok(story.troubles.every(({ code }) => code === 'MLS_OUTPUT_NOT_ELASTICSEARCH'))
  t.notMatch(JSON.stringify(story.agent.log), /Sign in/)
  await story.stop()
})

t.test('F51 the items of one refused and 19 stored documents come in another order', async t => {
  const { fake, story } = await start(t)
  fake.next(({ id, index }) => {
    const refused = item(400, 'document_parsing_exception', 'failed to parse field [x] of type [long]')
    const items = id.map((_id, at) => ({
      create: { _id, ...(at === 7 ? (refused as { create: object }).create : { status: 201 }) },
    }))
    t.equal(index.length, 20)
    return { body: { errors: true, items: items.toReversed() } }
  })
  story.write(20)
  story.start()
  await storesExactly(t, fake, story)
  t.match(story.status()?.counts, { stored: 20, setAside: 0 }, 'nobody pays for another one')
  t.match(story.troubles, [{ code: 'MLS_OUTPUT_NOT_ELASTICSEARCH' }])
  await story.stop()
})

t.test('F55 a proxy takes no more than 40 kB', async t => {
  const { fake, story } = await start(t)
  const limit = 40_000
  const narrow: BulkScript = ({ bytes }) => (bytes > limit ? { status: 413, body: '<html>Too large</html>' } : undefined)
  const many = 200
  // A script that returns nothing takes nothing: the honest answer is asked for.
  const scripts = Array.from({ length: many }, (): BulkScript => (request, store) => narrow(request, store) ?? { body: store() })
  fake.next(...scripts)
  story.write(1_000)
  story.start()
  await storesExactly(t, fake, story)
  const before = fake.requests.length
  story.write(1_000)
  await storesExactly(t, fake, story)
  t.ok(
    fake.requests.slice(before).every(({ bytes }) => bytes <= limit),
    `the size is remembered: ${fake.requests.slice(before).map(({ bytes }) => bytes)}`,
  )
  t.same(story.troubles, [], 'it is no trouble')
  t.ok(fake.requests.length < many, 'the scripts lasted')
  await story.stop()
})
