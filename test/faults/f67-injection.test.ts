/**
 * F67: what strangers write that a spreadsheet would calculate, a browser run, and Markdown link. The agent makes no such thing of
 * it: text stays text, JSON stays JSON, and nothing is written in a format whose reader takes it for more. (The dashboards and the
 * page that show it are tested where they are made.)
 */
import { join } from 'node:path'
import t from 'tap'
import { makeTemplates } from '../../src/delivery/template.js'
import { runProgram } from '../support/agent-process.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'

const tricks = [
  '=HYPERLINK("https://evil.example/","open")',
  "=cmd|'/C calc'!A0",
  '+SUM(1,1)',
  '-2+3',
  '@SUM(1,1)',
  '\t=1+1',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[open](javascript:alert(1))',
  '![](https://evil.example/seen.png)',
  '{{7*7}} <%= 7*7 %>',
]

/** A sender, and the reason (a header that matched) at the end of the line. */
const held = tricks.map(
  (trick, i) => `Nov 20 12:00:${10 + i} 2026 (7) Dev post from ${trick} held, message-id=<n${i}@example.org>: ${trick}\n`,
)

const texts = (documents: readonly { message: string }[]): string[] => documents.map(({ message }) => message)

t.test('F67 from the log to the store, and from there to people and to machines', async t => {
  const story = new LogStory(t, { ndjson: undefined, local: { file: join(t.testdirName, 'state/events.db') } })
  story.append(held.join(''))
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  const expected = held.map(line => line.slice('Nov 20 12:00:00 2026 (7) '.length, -1))

  const machine = await runProgram(['search', '--config', story.configFile, '--json'])
  const documents = machine.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  t.same(texts(documents), expected, 'as JSON it is what was written')

  const person = await runProgram(['search', '--config', story.configFile])
  const [, ...rows] = person.stdout.split('\n').slice(0, -1)
  t.equal(rows.length, tricks.length)
  for (const row of rows) t.match(row, /^2026-11-20 12:00:\d\d {2}vette {2}/, 'a line begins with its time, not with a formula')
  t.notMatch(person.stdout, /\t/, 'nothing is in the next column')

  const parsed = await runProgram(['parse', '--timezone', 'UTC', story.path()])
  t.same(
    texts(
      parsed.stdout
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line)),
    ),
    expected,
  )
  for (const format of ['--csv', '--html', '--format=csv']) {
    const { code } = await runProgram(['search', '--config', story.configFile, format])
    t.equal(code, 2, `${format}: JSON is what machines get; another format has to keep formulas and markup from its readers`)
  }
})

t.test('F67 from the log to Elasticsearch', async t => {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [fake.url] } })
  story.append(held.join(''))
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  const stored = [...fake.stored.values()].map(document => JSON.parse(document))
  for (const [i, trick] of tricks.entries()) {
    t.match(stored[i].message, trick, trick)
    t.equal(stored[i].message, held[i]!.slice('Nov 20 12:00:00 2026 (7) '.length, -1))
    t.notMatch(Object.keys(stored[i]).join(), /html|markdown|url|link/i, 'no field says that it is more than text')
  }
})

t.test('F67 what setup installs runs nothing on the text, and gives no field a meaning beyond its type', async t => {
  const types = new Set<string>()
  const settings = new Set<string>()
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      settings.add(key)
      if (key === 'type' && typeof value === 'string') types.add(value)
      collect(value)
    }
  }
  for (const { body } of makeTemplates()) collect(body)
  for (const name of ['default_pipeline', 'final_pipeline', 'script', 'runtime']) t.notOk(settings.has(name), name)
  const plain = ['boolean', 'date', 'double', 'float', 'integer', 'ip', 'keyword', 'long', 'text', 'wildcard']
  t.ok(types.size > 3)
  for (const type of types) t.ok(plain.includes(type), type)
})
