/** The gate of `npm run cost`: what is beyond the margin is said, and nothing else is. What it counts is tried by running it. */
import { readFileSync } from 'node:fs'
import t from 'tap'

type Bytes = Readonly<Record<string, number>>
interface Compared {
  readonly rows: readonly (readonly string[])[]
  readonly worse: readonly string[]
  readonly better: readonly string[]
}
const module = './compare.mjs'
const { compare }: { compare: (baseline: Bytes | undefined, bytes: Bytes) => Compared } = await import(module)

const baseline = { smtp: 1_000, post: 2_000 }

t.test('within the margin there is nothing to say', async t => {
  const { worse, better } = compare(baseline, { smtp: 1_050, post: 1_900 })
  t.same([worse, better], [[], []])
})

t.test('what costs more is named with its figures, and what costs less too', async t => {
  const { worse, better } = compare(baseline, { smtp: 1_051, post: 1_890 })
  t.same(worse, ['an event of smtp takes 1,051 bytes, the baseline has 1,000 (+5.1 %, the margin is 5 %)'])
  t.same(better, ['an event of post takes 1,890 bytes, the baseline has 2,000 (-5.5 %, the margin is 5 %)'])
})

t.test('a version of Node without a baseline is not judged', async t => {
  const { rows, worse, better } = compare(undefined, { smtp: 9_999 })
  t.same([rows, worse, better], [[['smtp', '9,999', '', '']], [], []])
})

t.test('the baseline says why it is what it is', async t => {
  const baselines = JSON.parse(readFileSync(new URL('./baseline.json', import.meta.url), 'utf8'))
  t.ok(Object.keys(baselines).length > 0)
  for (const [version, { why, bytes }] of Object.entries<{ why: string; bytes: Bytes }>(baselines)) {
    t.match(version, /^node \d+$/)
    t.ok(why.length > 0)
    t.same(Object.keys(bytes), ['smtp', 'post', 'vette', 'smtp-failure', 'error'])
  }
})
