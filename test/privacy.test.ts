// Which keys are taken. None of them is ever in a message.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../src/config/load.js'
import { openHash, openPrivacy } from '../src/privacy.js'

async function configOf(t: Test, privacy: string, key?: string | Buffer) {
  const directory = t.testdir()
  writeFileSync(join(directory, 'c.yaml'), `logs: { directories: [logs] }\nprivacy: ${privacy}\n`)
  if (key !== undefined) writeFileSync(join(directory, 'key'), key, { mode: 0o600 })
  return { config: await loadConfig(join(directory, 'c.yaml')), keyFile: join(directory, 'key') }
}

t.test('nothing to hide: no key is read', async t => {
  const { config } = await configOf(t, '{ addresses: keep, keyFile: key }')
  t.equal(await openPrivacy(config), undefined)
})

t.test('to drop needs no key', async t => {
  const { config } = await configOf(t, '{ names: drop }')
  t.ok(await openPrivacy(config))
})

t.test('keys that are taken, with and without a newline', async t => {
  const hashes = new Set<string>()
  for (const key of ['0123456789abcdef', '0123456789abcdef\n', '0123456789abcdef\r\n']) {
    const { config } = await configOf(t, '{ ips: hash, keyFile: key }', key)
    t.ok(await openPrivacy(config))
    hashes.add((await openHash(config))('ann@example.org'))
  }
  t.equal(hashes.size, 1)
  t.match([...hashes][0], /^hashed-[0-9a-f]{20}_@example\.org$/, 'also where addresses are kept')
})

t.test('keys that are refused', async t => {
  const refused: [key: string | Buffer | undefined, why: RegExp][] = [
    [undefined, /there is no such file/],
    ['', /is empty/],
    ['\n', /is empty/],
    ['0123456789abcde\n', /holds less than 16 characters/],
    ['0123456789abcdef\n0123456789abcdef\n', /is not one line of text/],
    [Buffer.from('ff'.repeat(32), 'hex'), /is not one line of text/],
  ]
  for (const [key, why] of refused) {
    const { config } = await configOf(t, '{ addresses: hash, keyFile: key }', key)
    const error = await openPrivacy(config).then(
      () => t.fail(`${key}`),
      (error: Error) => error,
    )
    t.match(error, { code: 'MLS_PRIVACY_KEY', message: why })
    t.notMatch(String(error), '0123456789')
  }
  const { config, keyFile } = await configOf(t, '{ addresses: hash, keyFile: key }', '0123456789abcdef')
  chmodSync(keyFile, 0o640)
  await t.rejects(openPrivacy(config), { code: 'MLS_PRIVACY_KEY', message: /is open to group or others \(mode 640\)/ })
  await t.rejects(openPrivacy((await configOf(t, '{ addresses: hash }')).config), { message: /privacy\.keyFile names none/ })
})
