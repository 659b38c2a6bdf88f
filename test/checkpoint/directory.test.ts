/** F35, F71: the state directory is ours alone, or it is not used. */
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { prepareStateDirectory } from '../../src/checkpoint/directory.js'

t.test('made where it is missing, closed to all others', async t => {
  const path = join(t.testdir({}), 'deep', 'state')
  await prepareStateDirectory(path)
  t.equal(statSync(path).mode & 0o777, 0o700)
  await prepareStateDirectory(path)
})

t.test('refused', async t => {
  const directory = t.testdir({ file: '', target: {} })
  const path = (name: string): string => join(directory, name)
  mkdirSync(path('writable'))
  chmodSync(path('writable'), 0o770)
  symlinkSync(path('target'), path('link'))
  const refuses = (name: string, detail: RegExp) =>
    t.rejects(prepareStateDirectory(path(name)), { code: 'MLS_STATE_UNSAFE', exit: 3, detail }, name)
  await refuses('writable', /writable can be written by group or others$/)
  await refuses('link', /link is a symbolic link$/)
  await refuses('file', /file cannot be made \(EEXIST\)$|file is not a directory$/)
  await refuses('file/below', /below cannot be made \(ENOTDIR\)$/)
  t.notOk(existsSync(path('target/checkpoint.0')))
  writeFileSync(path('target/x'), '')
})

t.test('of another user', { skip: process.getuid?.() !== 0 && 'only root can give a directory away' }, async t => {
  const path = join(t.testdir({ state: {} }), 'state')
  chmodSync(path, 0o700)
  chownSync(path, 65_534, 65_534)
  await t.rejects(prepareStateDirectory(path), { code: 'MLS_STATE_UNSAFE', detail: `${path} belongs to user 65534, not to 0` })
})
