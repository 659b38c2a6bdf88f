// Secrets come from closed files, and nothing else is taken for one (F70).
import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readCredentials, readSecret } from '../../src/delivery/secret.js'
import { makeConfig, writeSecret } from '../support/batch.js'

const refused = (message: RegExp): { code: string; message: RegExp } => ({ code: 'MLS_CONFIG_SECRET', message })

t.test('what is read', async t => {
  const directory = t.testdir({})
  for (const text of ['geheim', 'geheim\n', 'geheim\r\n', 'geheim\n\n']) {
    writeFileSync(join(directory, 'secret'), text, { mode: 0o600 })
    t.equal(await readSecret(join(directory, 'secret')), 'geheim', JSON.stringify(text))
  }
  t.equal(await readSecret(writeSecret(directory, 'blanks', ' a b ')), ' a b ', 'blanks are part of a password')
})

t.test('what is refused', async t => {
  const directory = t.testdir({ folder: {} })
  const path = writeSecret(directory, 'secret', 'geheim')
  for (const mode of [0o640, 0o604, 0o620, 0o610]) {
    chmodSync(path, mode)
    await t.rejects(readSecret(path), refused(/is open to group or others \(mode 6[0-4]{2}\)$/))
  }
  await t.rejects(readSecret(join(directory, 'none')), refused(/none: there is no such file/))
  await t.rejects(readSecret(join(directory, 'folder')), refused(/folder is not a file/))
  await t.rejects(readSecret(writeSecret(directory, 'empty', '')), refused(/empty is empty/))
  await t.rejects(readSecret(writeSecret(directory, 'large', 'x'.repeat(9000))), refused(/too large/))
  execFileSync('mkfifo', ['-m', '600', join(directory, 'pipe')])
  await t.rejects(readSecret(join(directory, 'pipe')), refused(/pipe is not a file/))
})

t.test('credentials', async t => {
  const directory = t.testdir({ systemd: {} })
  const key = Buffer.from('VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw').toString('base64')
  const encoded = makeConfig('https://localhost', { apiKeyFile: writeSecret(directory, 'encoded', key) })
  t.same(await readCredentials(encoded), { apiKey: key })
  const plain = makeConfig('https://localhost', {
    apiKeyFile: writeSecret(directory, 'plain', 'VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw'),
  })
  t.same(await readCredentials(plain), { apiKey: key })
  for (const text of ['short', `${key}\nX-Other: header`, `ApiKey ${key}`, '{"encoded":"x"}']) {
    const wrong = makeConfig('https://localhost', { apiKeyFile: writeSecret(directory, 'wrong', text) })
    const error = await readCredentials(wrong).then(
      () => t.fail(text),
      (error: Error) => error,
    )
    t.match(error, refused(/wrong does not hold an API key/))
    t.notMatch(String(error), key, 'the key is not shown')
  }
  const passwordFile = writeSecret(directory, 'password', 'geheim')
  t.same(await readCredentials(makeConfig('https://localhost', { username: 'u', passwordFile })), {
    username: 'u',
    password: 'geheim',
  })
  await t.rejects(readCredentials(makeConfig('https://localhost', { username: 'u' })), refused(/needs passwordFile/))
  t.equal(await readCredentials(makeConfig('https://localhost')), undefined)
})

t.test('a systemd credential shows a right of the group, and is taken', async t => {
  const directory = t.testdir({})
  const path = writeSecret(directory, 'elasticsearch-api-key', 'geheim')
  chmodSync(path, 0o440)
  await t.rejects(readSecret(path), refused(/open to group/))
  const before = process.env.CREDENTIALS_DIRECTORY
  process.env.CREDENTIALS_DIRECTORY = directory
  t.teardown(() => {
    if (before === undefined) delete process.env.CREDENTIALS_DIRECTORY
    else process.env.CREDENTIALS_DIRECTORY = before
  })
  t.equal(await readSecret(path), 'geheim')
})
