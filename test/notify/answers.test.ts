// What people answer: written beside the agent, by several at once, by root for the agent's user.
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { acknowledge, endSilence, readAnswers, silence } from '../../src/notify/answers.js'

const NOW = Date.UTC(2026, 10, 20, 12)
const by = { by: 'ann', nowMs: NOW }

function stateOf(directory: string): string {
  const state = join(directory, 'state')
  mkdirSync(state, { mode: 0o700 })
  return state
}

t.test('several at once: none is lost', async t => {
  const state = stateOf(t.testdir())
  t.same(await readAnswers(state), { format: 1, silences: [], acknowledged: [] })
  await Promise.all([
    ...['a', 'b', 'c', 'd', 'e'].map(key => acknowledge(state, [key], by)),
    ...['x', 'y'].map(list => silence(state, { list, kind: null, untilMs: NOW + 1000 }, by)),
  ])
  const answers = await readAnswers(state)
  t.match(answers, { silences: { length: 2 }, acknowledged: { length: 5 } })
  t.equal(statSync(join(state, 'answers.json')).mode & 0o777, 0o600)
  t.notOk(readdirSync(state).some(name => name.endsWith('.new')))
})

t.test('the last one counts; what is over is kept for a week, and is bounded', async t => {
  const state = stateOf(t.testdir())
  await acknowledge(state, ['a', 'b'], by)
  await acknowledge(state, ['a'], { by: 'ben', comment: 'x'.repeat(9999), nowMs: NOW + 1 })
  const answers = await readAnswers(state)
  if (answers === 'damaged') return t.fail()
  t.match(answers.acknowledged, [{ key: 'b' }, { key: 'a', by: 'ben', atMs: NOW + 1 }])
  t.equal(answers.acknowledged[1]!.comment.length, 500)
  const { id } = await silence(state, { list: null, kind: null, untilMs: NOW + 3_600_000 }, by)
  t.match(await endSilence(state, id, NOW + 1000), { id })
  t.equal(await endSilence(state, id, NOW + 2000), undefined, 'it is over already')
  t.equal(await endSilence(state, 'nothing', NOW), undefined)
  t.match(await readAnswers(state), { silences: [{ id, untilMs: NOW + 1000 }] })
  await silence(state, { list: 'dev', kind: null, untilMs: NOW + 10 * 86_400_000 }, { by: 'ann', nowMs: NOW + 9 * 86_400_000 })
  t.match(await readAnswers(state), { silences: [{ list: 'dev' }] })
})

t.test('a file that somebody has spoiled is begun anew', async t => {
  const state = stateOf(t.testdir())
  for (const text of ['', '{', '{"format":2}', '[]', '{"format":1,"silences":[{}],"acknowledged":[]}']) {
    writeFileSync(join(state, 'answers.json'), text)
    t.equal(await readAnswers(state), 'damaged', text)
  }
  await acknowledge(state, ['a'], by)
  t.match(await readAnswers(state), { acknowledged: [{ key: 'a' }] })
})

t.test('whose it is', async t => {
  const directory = t.testdir()
  await t.rejects(acknowledge(join(directory, 'none'), ['a'], by), { code: 'MLS_STATE_UNREADABLE' })
  const state = stateOf(directory)
  chmodSync(state, 0o777)
  await t.rejects(acknowledge(state, ['a'], by), { code: 'MLS_STATE_UNSAFE' })
  t.test('root writes for the user of the agent', { skip: process.getuid?.() !== 0 && 'needs root' }, async t => {
    const { chownSync } = await import('node:fs')
    chmodSync(state, 0o700)
    chownSync(state, 12345, 12345)
    await acknowledge(state, ['a'], by)
    for (const name of ['answers.json', 'lock']) t.match(statSync(join(state, name)), { uid: 12345, gid: 12345 }, name)
  })
})
