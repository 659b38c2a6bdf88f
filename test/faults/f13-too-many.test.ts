/** F13: more files are deleted during an outage than are held open: the oldest are given up, each with an error that names the range. */
import { unlinkSync } from 'node:fs'
import t from 'tap'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory, numberedLine } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { until } from '../support/until.js'

const HELD = 100
const LINES = 5

t.test('103 files', async t => {
  const server = await startFakeElasticsearch()
  const { port } = new URL(server.url)
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [`http://127.0.0.1:${port}`] } })
  const names = Array.from(
    { length: HELD + 3 },
    (_, i) => `post-2025${String(101 + Math.floor(i / 28) * 100 + (i % 28)).padStart(4, '0')}`,
  )
  story.write(20_000, 'post-20240101') // the oldest: more than is on the way at once, so that nothing of the others is read
  for (const name of names) story.append(story.lines(LINES), name)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  await until(
    () => names.every(name => story.status()?.files.some(({ path }) => path === story.path(name))),
    () => `all are known: ${story.status()?.files.length}`,
  )
  for (const name of names) unlinkSync(story.path(name))
  const lost = (): Record<string, unknown>[] => story.troubles.filter(line => /went away before/.test(JSON.stringify(line)))
  const held = (): number => (story.status()?.files ?? []).filter(({ state }) => state === 'deleted').length
  await until(
    () => held() === HELD && lost().length === 3,
    () => `${held()} are held, ${lost().length} are told of`,
  )
  const to = LINES * numberedLine(0).length
  t.match(
    lost().toSorted((a, b) => (String(a.text) < String(b.text) ? -1 : 1)),
    names.slice(0, 3).map(name => ({ level: 'error', text: story.path(name), from: 0, to })),
    'the oldest, and what of them',
  )
  const again = await startFakeElasticsearch({ port: Number(port) })
  t.teardown(() => again.close())
  const expected = Array.from({ length: story.next }, (_, number) => number).filter(
    number => number < 20_000 || number >= 20_000 + 3 * LINES,
  )
  const stored = (): number[] =>
    [...again.stored.values()].map(document => numberOf(JSON.parse(document).message)).sort((a, b) => a - b)
  await until(
    () => again.stored.size >= expected.length,
    () => `${again.stored.size} of ${expected.length}: ${JSON.stringify(story.troubles.slice(-2))}`,
    60_000,
  )
  t.same(stored(), expected, 'all others are stored')
  await story.stop()
})
