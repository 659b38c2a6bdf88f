import { EcsVersion } from '@elastic/ecs'
import t from 'tap'
import { actions } from '../../parsers/_actions.js'
import { fields } from '../../parsers/_fields.js'
import { parsers } from '../../parsers/_index.js'
import { ecs, wrongFields } from '../support/ecs-fields.js'
import { allPairs } from '../support/golden.js'

/** Beats have it, and so has Kibana's log view; ECS has not. */
const notInEcs = new Set(['log.offset'])

/** ECS type → what of our core types may stand for it (docs/decisions.md: no type that needs a module). */
const mayStandFor = new Map([
  ['match_only_text', ['text']],
  ['wildcard', ['keyword']],
  ['constant_keyword', ['keyword', 'constant']],
])

t.test('fields are those of ECS 9.4, of a type that fits, arrays where ECS has arrays', async t => {
  t.equal(EcsVersion, '9.4.0')
  for (const [name, field] of Object.entries(fields)) {
    if (name.startsWith('mailman.') || notInEcs.has(name)) continue
    const known = ecs.get(name)
    if (known === undefined) t.fail(`${name} is not in ECS`)
    else {
      const allowed = [known.type, ...(mayStandFor.get(known.type) ?? [])]
      t.ok(allowed.includes(field.type), `${name}: ${field.type} for ${known.type}`)
      t.equal('array' in field, known.normalize.includes('array'), `${name}: array or not`)
    }
  }
})

t.test('actions have categories of ECS, and types that it expects with them', async t => {
  const categories = new Map(
    ecs.get('event.category')!.allowed_values!.map(value => [value.name, value.expected_event_types ?? []]),
  )
  const types = ecs.get('event.type')!.allowed_values!.map(value => value.name)
  for (const [name, { category, type }] of Object.entries(actions)) {
    t.match(name, /^[a-z]+(-[a-z]+)+$/)
    t.strictSame(
      type.filter(type => !types.includes(type)),
      [],
      `${name}: types`,
    )
    for (const one of category) {
      const expected = categories.get(one)
      if (expected === undefined) t.fail(`${name}: no category ${one}`)
      else
        t.strictSame(
          type.filter(type => !expected.includes(type)),
          [],
          `${name}: types of ${one}`,
        )
    }
  }
})

t.test('no template fills a field twice, and constants are fields', async t => {
  for (const [log, { patterns }] of parsers)
    for (const { template, fields: filled, constants } of patterns) {
      const all = [...filled, ...Object.keys(constants)]
      t.equal(new Set(all).size, all.length, `${log}: ${template}`)
      t.strictSame(
        all.filter(name => !Object.hasOwn(fields, name)),
        [],
      )
    }
})

t.test('every value of every golden document is of a known field and its type', async t => {
  for (const { log, name, expected } of allPairs()) t.strictSame(expected.flatMap(wrongFields), [], `${log}/${name}`)
})
