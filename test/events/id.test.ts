import { createHash } from 'node:crypto'
import t from 'tap'
import { generationOf, idOf as idOfHash } from '../../src/events/id.js'
import { lookAt } from '../../src/events/look.js'

const idOf = (generation: string, offset: number, line: string) => idOfHash(generation, offset, lookAt(line).hash)

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

t.test('offset and content are numbers to the base of 36, however large', async t => {
  const numbers = [0, 1, 35, 36, 1295, 1296, 46_655, 46_656, 36 ** 4 - 1, 36 ** 5 - 1, 36 ** 5, 36 ** 6 - 1, 36 ** 6, 2 ** 32 - 1]
  for (const number of numbers)
    for (const generation of ['g', 'h'])
      for (const offset of [number, number + 1, 2 ** 40 + number, Number.MAX_SAFE_INTEGER - number])
        t.equal(idOfHash(generation, offset, number | 0), `${generation}-${offset.toString(36)}-${number.toString(36)}`)
})
