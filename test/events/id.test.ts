import { createHash } from 'node:crypto'
import t from 'tap'
import { generationOf, idOf } from '../../src/events/id.js'

t.test('a generation is told by host, log and the first 1,024 bytes of its first line', async t => {
  const generation = generationOf('h', 'vette', 'first')
  const expected = createHash('sha256').update('h\0vette\0first').digest('base64url').slice(0, 16)
  t.equal(generation, expected, 'this is a promise: ids of stored documents are made from it')
  t.not(generationOf('g', 'vette', 'first'), generation)
  t.not(generationOf('h', 'post', 'first'), generation)
  t.not(generationOf('h', 'vette', 'First'), generation)
  const long = 'x'.repeat(1024)
  t.equal(generationOf('h', 'vette', `${long}a`), generationOf('h', 'vette', `${long}b`))
  t.not(generationOf('h', 'vette', `${long.slice(1)}a`), generationOf('h', 'vette', `${long.slice(1)}b`))
  t.equal(generationOf('h', 'vette', '\xff'), generationOf('h', 'vette', '\xff'), 'bytes that are no UTF-8')
})

t.test('an id differs by offset and by any byte of the line', async t => {
  const line = 'Dec 31 23:59:25 2025 (7660) Dev post from a@b held'
  const ids = new Set<string>()
  for (let i = 0; i < line.length; i++) ids.add(idOf('g', 0, `${line.slice(0, i)}\xff${line.slice(i + 1)}`))
  t.equal(ids.size, line.length)
  t.not(idOf('g', 0, line), idOf('g', 1, line))
  t.not(idOf('g', 0, ''), idOf('g', 0, '\0'))
})

t.test('an id is short ASCII without what needs an escape', async t => {
  const id = idOf(generationOf('h', 'smtp-failure', 'x'), Number.MAX_SAFE_INTEGER, '\xff'.repeat(1000))
  t.match(id, /^[\w-]{16}-[0-9a-z]+-[0-9a-z]{1,7}$/)
  t.ok(id.length <= 64)
})

t.test('an id never changes', async t => {
  // Stored documents have these: a new hash would store everything again.
  t.equal(idOf(generationOf('lists.example.org', 'vette', 'a first line'), 12_345, 'a line \xfc'), 'b-l89Kb7UCJFPWSU-9ix-4akps6')
})
