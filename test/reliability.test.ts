/** docs/reliability.md: every fault has its row, and every test that a row names is there. */
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'

const at = (path: string): URL => new URL(path, import.meta.url)
const text = readFileSync(at('../docs/reliability.md'), 'utf8')
const rows = text
  .split('\n')
  .filter(line => /^\| F\d\d[ ,]/.test(line))
  .map(line => line.split(/(?<!\\)\|/).slice(1, -1))

t.test('the faults', async t => {
  const faults = rows.filter(({ length }) => length === 5)
  t.same(
    faults.map(([fault = '']) => fault.trim()),
    Array.from({ length: 72 }, (_, i) => `F${String(i + 1).padStart(2, '0')}`),
    'each once, in order',
  )
  for (const [fault = '', , , tests = ''] of faults) {
    const named = [...tests.matchAll(/`([a-z0-9]+(?:\/[a-z0-9-]+)?)`/g)].map(([, name]) => name!)
    t.ok(named.length > 0, `${fault.trim()} names a test`)
    for (const name of named)
      t.ok(
        existsSync(at(`${name}.test.ts`)) || existsSync(at(`${name}.long.ts`)) || existsSync(at(name)),
        `${fault.trim()}: test/${name}`,
      )
  }
})

t.test('the others', async t => {
  const others = rows.filter(({ length }) => length === 4)
  t.equal(others.length + 72, rows.length, 'no row has another number of cells')
  for (const [fault = '', who = '', , thread = ''] of others)
    t.match(thread, /\]\(https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(?:issues|pull)\/\d+\)/, `${fault}, ${who}: a thread to read`)
})
