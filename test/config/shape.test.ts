import t from 'tap'
import { list, named, oneOf, section, text, where, whole, yesOrNo } from '../../src/config/shape.js'

const letters = text('letters', value => /^[a-z]+$/.test(value))
const shape = section(
  {
    name: letters,
    isOn: yesOrNo,
    kind: oneOf('one or two', ['one', 2]),
    days: whole('days', 1, 9),
    lists: list(letters, 'a list'),
    byName: named(name => name !== 'no', whole('things', 0, 1), 'things by name'),
    part: section({ from: letters, to: letters }, ['from']),
    twice: where(list(letters, 'a list'), 'two of them', value => value.length === 2),
  },
  ['name'],
)
const issuesOf = (value: unknown) =>
  shape.findIssues(value, []).map(({ path, sentence }) => `${path.join('.')}: ${sentence ?? 'unknown'}`)

t.test('what is right', async t => {
  t.same(issuesOf({ name: 'a' }), [])
  t.same(
    issuesOf({
      name: 'a',
      isOn: false,
      kind: 2,
      days: 9,
      lists: ['a', 'b'],
      byName: { constructor: 0 },
      part: { from: 'a' },
      twice: ['a', 'b'],
    }),
    [],
  )
})

t.test('all that is wrong is found', async t => {
  const wrong = {
    isOn: 1,
    kind: '2',
    days: 0,
    lists: ['a', 1, null],
    byName: { no: 1, yes: 2 },
    part: { too: 'a' },
    twice: ['a'],
  }
  t.same(issuesOf(wrong), [
    'isOn: must be true or false',
    'kind: one or two',
    'days: must be a whole number of days, 1 to 9',
    'lists.1: letters',
    'lists.2: letters',
    'byName.no: things by name',
    'byName.yes: must be a whole number of things, 0 to 1',
    'part.too: unknown',
    'part.from: letters',
    'twice: two of them',
    'name: letters',
  ])
})

t.test('values of other kinds', async t => {
  for (const value of [undefined, null, 'a', 1, [], true]) t.equal(issuesOf(value).length, 1, 'is no section')
  for (const value of [null, 'a', {}, []]) t.same(issuesOf({ name: 'a', lists: value }), ['lists: a list'])
  for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', 10])
    t.same(issuesOf({ name: 'a', days: value }), ['days: must be a whole number of days, 1 to 9'])
  for (const value of [null, [], 'a']) t.same(issuesOf({ name: 'a', byName: value }), ['byName: things by name'])
})

t.test('names that every object has are unknown, and do not stand in for what is missing', async t => {
  for (const name of ['constructor', 'toString', '__proto__'])
    t.same(issuesOf(JSON.parse(`{ "name": "a", "${name}": "a" }`)), [`${name}: unknown`])
  t.same(issuesOf(Object.create({ name: 'a' })), ['name: letters'])
})
