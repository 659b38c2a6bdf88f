// With the key, people are found again: `hash` says how they are stored, `search --address` looks for that. The built program.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runProgram } from '../support/agent-process.js'
import { makeAgentSite } from '../support/site-config.js'
import { readEmbedded } from '../support/stored.js'

const KEY = '8d3f0c56a1e94b7f8d3f0c56a1e94b7f'
const LINES = `Nov 22 10:00:00 2026 (7) dev: new Ann Lee <Ann@Example.org>, 192.0.2.7
Nov 22 10:00:01 2026 (7) dev: new Bob Ray <bob@example.org>, via web confirmation
`

interface Site {
  readonly configFile: string
  readonly store: string
  readonly logs: string
  readonly keyFile: string
}

/** A host on which nobody is to be known. */
function makeSite(t: Test, privacy: object = { addresses: 'hash', names: 'drop', ips: 'hash' }): Site {
  const directory = t.testdir()
  const { configFile, store, logs } = makeAgentSite(directory)
  const keyFile = join(directory, 'privacy-key')
  writeFileSync(keyFile, `${KEY}\n`, { mode: 0o600 })
  writeFileSync(join(logs, 'subscribe'), LINES)
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as object
  writeFileSync(configFile, JSON.stringify({ ...config, privacy: { keyFile, ...privacy } }))
  return { configFile, store, logs, keyFile }
}

t.test('hash, run, parse and search agree', async t => {
  const { configFile, store, logs } = makeSite(t)
  const call = (...args: string[]) => runProgram([...args, '--config', configFile])
  const { code, stderr } = await call('run', '--once')
  t.equal(code, 0, stderr)
  t.notMatch(stderr, new RegExp(KEY), 'the key is not logged')

  const hashed = (await call('hash', 'ANN@example.org', '<bob@example.org>')).stdout.trimEnd().split('\n')
  t.match(hashed, [/^hashed-[0-9a-f]{20}_@example\.org$/, /^hashed-[0-9a-f]{20}_@example\.org$/])
  t.not(hashed[0], hashed[1])
  t.strictSame(JSON.parse((await call('hash', '--json', 'ann@example.org')).stdout), {
    address: 'ann@example.org',
    hashed: hashed[0],
  })

  const stored = readEmbedded(store)
  t.strictSame(
    stored.map(({ user }) => user),
    hashed.map(email => ({ email })),
    'names are dropped',
  )
  t.match(stored[0]!.message, new RegExp(`^dev: new \\[name\\] <${hashed[0]}>, hashed-[0-9a-f]{20}$`))
  t.notMatch(JSON.stringify(stored), /ann|bob|lee|192\.0\.2/i)
  t.same(
    (await call('parse', join(logs, 'subscribe'))).stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
    stored,
    'parse gives what run gave',
  )

  const found = async (...args: string[]) => {
    const { stdout, stderr } = await call('search', '--json', ...args)
    t.equal(stderr, '')
    return stdout
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as { event: { id: string } }).event.id)
  }
  t.strictSame(await found('--address', 'Ann@example.org'), [stored[0]!.event.id])
  t.strictSame(await found('--address', hashed[1]!), [stored[1]!.event.id], 'the hashed form itself')
  t.match(
    (await call('search', 'ann@example.org')).stderr,
    /^No event fits.*\nAddresses are stored hashed here: --address finds them\./,
  )
})

t.test('without the key nothing is read, and the one who asks is told', async t => {
  const { configFile } = makeSite(t, { addresses: 'hash', keyFile: 'missing' })
  for (const args of [
    ['run', '--once'],
    ['parse', '/dev/null'],
    ['hash', 'ann@example.org'],
  ]) {
    const { code, stderr } = await runProgram([...args, '--config', configFile])
    t.equal(code, 2, args.join(' '))
    t.match(stderr, /The key for `privacy: hash` cannot be used: .*missing: there is no such file/)
    t.match(stderr, /openssl rand -hex 32 > FILE.*\[MLS_PRIVACY_KEY\]/)
  }
  const check = await runProgram(['check', '--config', configFile])
  t.equal(check.code, 2)
  t.match(check.stdout, /problem {2}privacy: .*missing: there is no such file \(MLS_PRIVACY_KEY\)\n {9}Make one/)
})

t.test('no key is configured', async t => {
  const { configFile } = makeSite(t, { addresses: 'keep', keyFile: undefined })
  const { code, stderr } = await runProgram(['hash', 'ann@example.org', '--config', configFile])
  t.equal(code, 2)
  t.match(stderr, /privacy\.keyFile names none/)
})

t.test('check, and a key that may not be read any more', async t => {
  const { configFile, keyFile } = makeSite(t)
  const call = (...args: string[]) => runProgram([...args, '--config', configFile])
  t.match((await call('check')).stdout, /ok {7}privacy: addresses hash, names drop, ips hash; key in .*privacy-key\n/)
  t.equal((await call('run', '--once')).code, 0)
  writeFileSync(keyFile, 'short')
  const search = await call('search', '--address', 'ann@example.org')
  t.equal(search.code, 0)
  t.match(search.stderr, /^Addresses are stored hashed here, and without the key .*holds less than 16 characters/)
})
