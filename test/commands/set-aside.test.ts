/** `set-aside`: what is shown, and what a retry does with each answer; with the real server: test/faults/f53 and f31. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { defaultLimits } from '../../src/batches/collect.js'
import { lockStateDirectory } from '../../src/checkpoint/lock.js'
import { runList } from '../../src/commands/set-aside-list.js'
import { type RetryIo, runRetry } from '../../src/commands/set-aside-retry.js'
import { lineOf, readSetAside } from '../../src/delivery/set-aside-file.js'
import { explainReason } from '../../src/delivery/set-aside-reasons.js'
import { program, programEnvironment } from '../support/agent-process.js'
import { type BulkScript, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { makeAgentSite } from '../support/site-config.js'

t.setTimeout(120_000)

const AT = '2026-11-20T12:00:00.000Z'
const FIELD = '400 document_parsing_exception, field email.subject'

const documentOf = (id: string, message: string): string =>
  JSON.stringify({
    '@timestamp': AT,
    event: { id, dataset: 'mailman.vette' },
    log: { file: { path: '/var/log/mailman/vette\x1b]0;title\x07' }, offset: 4711 },
    message,
  })

/** A site whose file holds one line for each of these ids. */
async function makeSite(t: Test, ids: readonly string[], { reason = FIELD, port = 0 } = {}) {
  const server = await startFakeElasticsearch({ port })
  t.teardown(() => server.close())
  const site = makeAgentSite(t.testdir({}), { elasticsearch: { nodes: [server.url], compression: 'none' } })
  const file = join(site.state, 'set-aside.ndjson')
  const lines = ids.map(id => lineOf(AT, { reason, document: Buffer.from(documentOf(id, `secret of ann@example.org ${id}`)) }))
  writeFileSync(file, Buffer.concat(lines), { mode: 0o600 })
  const idsLeft = async (): Promise<string[]> =>
    (await readSetAside(site.state)).entries.map(({ document }) => JSON.parse(document.toString()).event.id)
  const storedIds = (): string[] => [...server.stored.keys()].map(key => key.replace(/.*\//, ''))
  return { ...site, server, file, idsLeft, storedIds, config: site.configFile }
}

async function list(given: Parameters<typeof runList>[0]): Promise<string> {
  const lines: string[] = []
  await runList(given, line => lines.push(line))
  return lines.join('\n')
}

async function retry(config: string, more: Partial<RetryIo> = {}): Promise<{ code: number; said: object }> {
  const lines: string[] = []
  const io = { out: (line: string) => lines.push(line), warn: () => {}, signal: new AbortController().signal, ...more }
  const code = await runRetry({ config, json: true }, io)
  return { code, said: JSON.parse(lines.join('')) }
}

const answer =
  (...statuses: number[]): BulkScript =>
  () => ({
    body: {
      errors: true,
      items: statuses.map(status =>
        status < 300 ? { create: { status } } : { create: { status, error: { type: typeOf(status), reason: 'x' } } },
      ),
    },
  })
const typeOf = (status: number): string =>
  status === 400 ? 'strict_dynamic_mapping_exception' : status === 409 ? 'version_conflict_engine_exception' : 'x_exception'

t.test('list: counts, places and reasons; documents only where asked for; nothing raw', async t => {
  const { config, file } = await makeSite(t, ['a1', 'a2', 'a3'])
  const torn = lineOf(AT, { reason: '413: too large by itself', document: Buffer.from(documentOf('a4', '\x1b[2J\u202e')) })
  writeFileSync(file, Buffer.concat([Buffer.from('not ours\n'), torn, torn.subarray(0, 50)]), { flag: 'a' })
  const text = await list({ config, limit: 2 })
  t.match(text, /^4 documents set aside in \S+set-aside\.ndjson \(\d/)
  t.match(text, /1 damaged line\(s\)/)
  t.match(text, `     3  a value does not fit the type of its field: email.subject (${FIELD})`)
  t.match(text, '     1  the document is too large (413: too large by itself)')
  t.match(text, `${AT}  vette  /var/log/mailman/vette\\x1b]0;title\\x07 at byte 4711  a4`)
  t.match(text, 'The newest 2 of 4')
  t.notMatch(text, /ann@example|a2/)
  const shown = await list({ config, showDocuments: true })
  t.match(shown, 'secret of ann@example.org a1')
  t.notMatch(text + shown, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)

  const json = JSON.parse(await list({ config, json: true, limit: 1 }))
  t.match(json, {
    total: 4,
    damaged: 1,
    reasons: [{ count: 3, reason: FIELD }, { count: 1 }],
    documents: [{ id: 'a4', offset: 4711 }],
  })
  t.equal(json.documents.length, 1)
  t.notOk('document' in json.documents[0])
  t.match(JSON.parse(await list({ config, json: true, showDocuments: true })).documents[0].document, 'ann@example.org a1')
  await t.rejects(list({ config, limit: 0 }), { code: 'MLS_USAGE_INVALID' })
})

t.test('every reason of the outcome table has words', async t => {
  const source = readFileSync(new URL('../../src/delivery/outcome.ts', import.meta.url), 'utf8')
  const types = /documentErrors = new Set\(\[([^\]]+)/.exec(source)?.[1]?.match(/[a-z_0-9]+_exception/g) ?? []
  t.ok(types.length > 8)
  for (const type of types) t.not(explainReason(`400 ${type}`).says, 'the output refused it', type)
  t.match(explainReason('a document of 99 bytes is too large').says, 'too large')
  t.match(explainReason('@timestamp is not a time').says, 'the output refused it')
})

t.test('retry: stored and stored before leave the file, refused ones stay with the new reason', async t => {
  const { config, file, server, idsLeft, storedIds } = await makeSite(t, ['b1', 'b2', 'b3', 'b4'])
  const before = readFileSync(file, 'utf8').split('\n')
  server.next(answer(201, 400, 409, 201))
  t.same(await retry(config), { code: 1, said: { stored: 2, duplicates: 1, refused: 1, left: 1 } })
  t.same(
    server.requests[0]!.document,
    before.slice(0, 4).map(line => JSON.stringify(JSON.parse(line).document)),
  )
  t.same(server.requests[0]!.index, new Array(4).fill('logs-mailman.vette-default'))
  t.same(await idsLeft(), ['b2'])
  t.match(JSON.parse(readFileSync(file, 'utf8')), { reason: '400 strict_dynamic_mapping_exception' })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(await retry(config), { code: 0, said: { stored: 1, duplicates: 0, refused: 0, left: 0 } })
  t.same(storedIds(), ['b2'])
  t.notOk(existsSync(file))
  t.same(await retry(config), { code: 0, said: { stored: 0, duplicates: 0, refused: 0, left: 0 } })
})

t.test('many: in batches; what was taken before the output failed is gone, the rest stays as it was', async t => {
  const ids = Array.from({ length: 4_000 }, (_, i) => `c${i}`)
  const { config, server, idsLeft } = await makeSite(t, ids)
  server.next(
    (_, store) => ({ body: store() }),
    () => ({ status: 401, body: { error: { type: 'security_exception', reason: 'x' }, status: 401 } }),
  )
  await t.rejects(retry(config), { code: 'MLS_OUTPUT_AUTH', exit: 4 })
  const { maxEvents } = defaultLimits
  t.same(await idsLeft(), ids.slice(maxEvents))
  t.equal(server.stored.size, maxEvents)
  t.match(await retry(config), { code: 0, said: { stored: 4_000 - maxEvents } })
  t.equal(server.stored.size, 4_000)
})

t.test('nobody listens: told at once, nothing changes', async t => {
  const { config, server, file } = await makeSite(t, ['d1'])
  const before = readFileSync(file)
  await server.close()
  await t.rejects(retry(config), { code: 'MLS_OUTPUT_UNREACHABLE', exit: 4 })
  t.same(readFileSync(file), before)
})

t.test('asked to stop: nothing is lost', async t => {
  const { config, server, idsLeft } = await makeSite(t, ['e1'])
  const stop = new AbortController()
  server.next(() => {
    stop.abort()
    return 'hang'
  })
  t.match(await retry(config, { signal: stop.signal }), { code: 1, said: { stored: 0, left: 1 } })
  t.same(await idsLeft(), ['e1'])
})

t.test('what is no event of ours is never sent, and never thrown away', async t => {
  const { config, server, file, storedIds } = await makeSite(t, ['f1'])
  const odd = lineOf(AT, { reason: '', document: Buffer.from(documentOf('f"}}\n{"delete":{}}'.replace('\n', ''), '')) })
  const lines = Buffer.concat([odd, Buffer.from('{"at":1}\n')])
  writeFileSync(file, lines, { flag: 'a' })
  t.match(await retry(config), { code: 1, said: { stored: 1, left: 2 } })
  t.same(storedIds(), ['f1'])
  t.same(readFileSync(file, 'utf8').split('\n').sort(), lines.toString().split('\n').sort())
  t.equal(server.requests.length, 1)
})

t.test('refused: a second retry, an unsafe directory, an output that is this terminal', async t => {
  const { config, state, idsLeft } = await makeSite(t, ['g1'])
  const lock = await lockStateDirectory(state, '-retry')
  await t.rejects(retry(config), { code: 'MLS_STATE_LOCKED', exit: 3 })
  await lock.release()
  chmodSync(state, 0o777)
  await t.rejects(retry(config), { code: 'MLS_STATE_UNSAFE', exit: 3 })
  chmodSync(state, 0o700)
  const { elasticsearch: _, ...rest } = JSON.parse(readFileSync(config, 'utf8'))
  writeFileSync(config, JSON.stringify({ ...rest, ndjson: {} }))
  await t.rejects(retry(config), { code: 'MLS_USAGE_INVALID', exit: 2 })
  t.same(await idsLeft(), ['g1'])
})

t.test('into the embedded store', async t => {
  const { config, file } = await makeSite(t, ['h1', 'h2'])
  const { elasticsearch: _, ...rest } = JSON.parse(readFileSync(config, 'utf8'))
  writeFileSync(config, JSON.stringify(rest))
  t.match(await retry(config), { code: 0, said: { stored: 2 } })
  t.notOk(existsSync(file))
})

t.test('root mends what is the agent’s: it stays the agent’s', { skip: process.getuid?.() !== 0 && 'root only' }, async t => {
  const { config, server, state, file } = await makeSite(t, ['i1', 'i2'])
  for (const path of [state, file]) chownSync(path, 65_534, 65_534)
  server.next(answer(201, 400))
  t.match(await retry(config), { code: 1 })
  const { uid, gid } = statSync(file)
  t.same({ uid, gid }, { uid: 65_534, gid: 65_534 })
})

t.test('killed: while it sends, and before the new file takes the place of the old', async t => {
  const { config, state, server, file, idsLeft, storedIds } = await makeSite(t, ['j1', 'j2'])
  const args = [program, 'set-aside', 'retry', '--config', config]
  const env = programEnvironment()
  const sending = spawn(process.execPath, args, { env, stdio: 'ignore' })
  server.next((_, store) => {
    store()
    sending.kill('SIGKILL')
    return 'hang'
  })
  await once(sending, 'exit')
  t.same(await idsLeft(), ['j1', 'j2'])

  const inject = ['-e', 'trace=rename', '-P', `${file}.new`, '-e', 'inject=rename:signal=SIGKILL:when=1']
  server.next(answer(409, 400))
  const traced = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...inject, process.execPath, ...args], { env, stdio: 'ignore' })
  const [, signal] = await once(traced, 'exit')
  t.equal(signal, 'SIGKILL')
  t.same(await idsLeft(), ['j1', 'j2'], 'the old file is whole')
  t.ok(existsSync(`${file}.new`))

  server.next(answer(409, 400))
  t.match(await retry(config), { code: 1, said: { duplicates: 1, refused: 1, left: 1 } })
  t.same(await idsLeft(), ['j2'])
  t.match(await retry(config), { code: 0, said: { duplicates: 1 } })
  t.same(storedIds(), ['j1', 'j2'])
  t.same(
    readdirSync(state).filter(name => name.startsWith('set-aside')),
    [],
  )
})
