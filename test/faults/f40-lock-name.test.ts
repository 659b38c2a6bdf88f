/** F40: what a power cut, a full disk or another user leaves of the lock's name never makes two agents one, or one two. */
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isLocked, lockStateDirectory } from '../../src/checkpoint/lock.js'

t.test('a name that a power cut left empty, or cut', async t => {
  const directory = t.testdir({ one: { lock: '' }, other: { lock: '' }, third: { lock: 'abc' } })
  const [one, other, third] = ['one', 'other', 'third'].map(name => join(directory, name)) as [string, string, string]
  t.notOk(await isLocked(one))
  const locks = [await lockStateDirectory(one), await lockStateDirectory(other), await lockStateDirectory(third)]
  const names = [one, other, third].map(path => readFileSync(join(path, 'lock'), 'latin1'))
  t.equal(new Set(names).size, 3, 'each has a name of its own')
  for (const name of names) t.match(name, /^[0-9a-f]{32}$/)
  await t.rejects(lockStateDirectory(one), { code: 'MLS_STATE_LOCKED' }, 'which locks')
  for (const lock of locks) await lock.release()
  t.same(readdirSync(one), ['lock'], 'nothing else is left there')
})

t.test('many that start at once', async t => {
  const directory = t.testdir({})
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockStateDirectory(directory)))
  const holders = results.filter(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<{ release(): Promise<void> }>[]
  t.equal(holders.length, 1)
  await holders[0]!.value.release()
  t.same(readdirSync(directory), ['lock'])
})

t.test('a name is kept as it is', async t => {
  const name = 'f'.repeat(32)
  const directory = t.testdir({ lock: `${name}\n` })
  await (await lockStateDirectory(directory)).release()
  t.equal(readFileSync(join(directory, 'lock'), 'latin1'), `${name}\n`)
})

t.test('made by root, it is the agent’s', { skip: process.getuid?.() !== 0 && 'only root can' }, async t => {
  const directory = t.testdir({})
  chownSync(directory, 65534, 65534)
  await (await lockStateDirectory(directory, '-retry')).release()
  const { uid, mode } = statSync(join(directory, 'lock'))
  t.same([uid, mode & 0o777], [65534, 0o600])
})
