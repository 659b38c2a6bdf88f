/** `erase`: one person's events, all of them, nobody else's, on both stores; and nothing is left in the embedded store's files. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lockStateDirectory, withLock } from '../../src/checkpoint/lock.js'
import { type EraseArguments, runErase } from '../../src/commands/erase.js'
import { matcherOf } from '../../src/commands/erase-find.js'
import { lookAtSetAside } from '../../src/commands/set-aside-kept.js'
import { SetAside } from '../../src/delivery/set-aside.js'
import { lineOf, readSetAside, SET_ASIDE_FILE } from '../../src/delivery/set-aside-file.js'
import { Privacy } from '../../src/events/privacy.js'
import { addressKey } from '../../src/store/entry.js'
import { Store } from '../../src/store/store.js'
import { batchOf, documentOf, ordinaryEvents } from '../support/documents.js'
import { readCluster, readEmbedded } from '../support/stored.js'
import { startNamespace } from '../support/templates.js'

const ann = 'ann@zebra-quagga.org'
const at = '2024-03-01T12:00:00.000Z'

const hers = [
  documentOf({ id: 'from', at, from: ann, action: 'message-held', list: 'announce', message: `announce post from ${ann} held` }),
  documentOf({ id: 'to', at, log: 'smtp-failure', to: ann, message: `delivery to ${ann} failed` }),
  documentOf({ id: 'member', at, log: 'subscribe', user: ann, message: `announce: new ${ann}, admin mass sub` }),
  documentOf({ id: 'text', at, log: 'error', message: `Uncaught runner exception: 'Ann@Zebra-Quagga.ORG' is odd` }),
  documentOf({ id: 'url', at, log: 'error', message: 'GET /mailman/options/announce/ann%40zebra-quagga.org' }),
  documentOf({ id: 'obscured', at, log: 'error', message: 'GET /mailman/options/announce/ann--at--zebra-quagga.org' }),
  documentOf({ id: 'label', at, log: 'error', message: '<a href=mailto:ann@zebra-quagga.org>' }),
  documentOf({ id: 'repr', at, log: 'error', message: `ValueError: b'ann@zebra-quagga.org'` }),
  documentOf({ id: 'bounce', at, log: 'smtp', message: '<announce-bounces+ann=zebra-quagga.org@lists.example.org> sent' }),
]
const others = [
  documentOf({ id: 'other-1', at, from: 'mary-ann@zebra-quagga.org', message: 'post from mary-ann@zebra-quagga.org held' }),
  documentOf({ id: 'other-2', at, from: 'ann@zebra-quagga.org.uk', message: 'post from ann@zebra-quagga.org.uk held' }),
  documentOf({ id: 'other-3', at, message: 'ann of zebra-quagga.org' }),
  documentOf({ id: 'other-4', at, from: 'bob@zebra-quagga.org', message: 'bounces+mary+joann=zebra-quagga.org@example.org' }),
]

async function erase(given: EraseArguments, confirm?: (question: string) => Promise<boolean>) {
  const out: string[] = []
  const err: string[] = []
  await runErase({ address: ann, ...given }, { out: line => void out.push(line), err: line => void err.push(line), confirm })
  return { out, err }
}

/** A configuration of the embedded store, held open as by the agent. */
function makeSite(t: Test, documents: Record<string, unknown>[], privacy = '{}') {
  const directory = t.testdir()
  const file = join(directory, 'events.db')
  const config = join(directory, 'config.yaml')
  mkdirSync(join(directory, 'state'), { mode: 0o700 })
  writeFileSync(
    config,
    `logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\nlocal: { file: events.db }\nprivacy: ${privacy}\n`,
  )
  const store = new Store({ file, keepDays: 90 })
  t.teardown(() => store.close())
  t.match(store.write(batchOf(documents), 0), { outcomes: { length: documents.length } })
  const ids = () => readEmbedded(file).map(({ event }) => event.id)
  return { directory, file, config, store, ids }
}

const idsOf = (documents: readonly Record<string, unknown>[]) => documents.map(({ event }) => (event as { id: string }).id)

t.test('first it shows, then it erases, beside an agent that has the store open', async t => {
  const { file, config, store, ids } = makeSite(t, [...ordinaryEvents(0, 300), ...hers, ...others])
  // Words of the index are in more than one place, as after a long life.
  for (let i = 1; i < 8; i++)
    store.write(batchOf([...ordinaryEvents(i * 300, 300), documentOf({ id: `more-${i}`, from: ann })]), 0)
  const shown = await erase({ config })
  t.match(shown.out, [
    `${file}: 16 events, from 2024-03-01 12:00 to 2024-03-01 12:00`,
    '       8  vette',
    '       5  error  (5 only in the text)',
    '       1  smtp_failure',
    '       1  subscribe',
    '       1  smtp  (1 only in the text)',
    'Nothing is erased yet: repeat with --yes.',
    'Not reached by this:',
    /backfill --again/,
    /Backups and snapshots/,
  ])
  t.equal(ids().length, 2413 + 7, 'all is there')
  await erase({ config }, async question => {
    t.match(question, /16 events for ever/)
    return false
  })
  t.equal(ids().length, 2413 + 7, 'all is there, still')
  t.ok((await erase({ config, yes: true })).out.includes(`Erased: 16 events from ${file}.`))
  const left = new Set(ids())
  t.equal(left.size, 2400 + others.length)
  for (const id of idsOf(others)) t.ok(left.has(id), id)

  t.test('no byte of it is left in the files', async t => {
    for (const name of [file, `${file}-wal`]) {
      const bytes = existsSync(name) ? readFileSync(name) : Buffer.alloc(0)
      for (const text of [`from ${ann} held`, 'ann%40zebra', addressKey(ann), '"from":{"address":["ann@zebra-quagga.org"]}'])
        t.equal(bytes.indexOf(text), -1, `${name}: ${text}`)
    }
  })
  t.match((await erase({ config })).out, [`${file}: no event names this address.`])
  // The agent goes on with its open connection, and may store the same again.
  t.match(store.write(batchOf([...ordinaryEvents(5000, 10), ...hers]), 0), { outcomes: Array(19).fill({ status: 'stored' }) })
  t.match(await erase({ config, address: ' <ANN@zebra-quagga.org> ' }, async () => true), { out: [/9 events/], err: [] })
  t.equal(ids().length, 2410 + others.length)
})

const entryOf = (document: Record<string, unknown>) =>
  lineOf(at, { reason: '400 mapper_parsing_exception', document: Buffer.from(JSON.stringify(document)) })

/** What `status` and `set-aside list` count, and the ids in the order of the file. */
async function readKept(state: string) {
  const { documents, damaged } = await lookAtSetAside(state)
  const { entries } = await readSetAside(state)
  return { documents, damaged, ids: entries.map(({ document }) => JSON.parse(document.toString()).event.id as string) }
}

t.test('JSON; documents that are set aside; an address that is none', async t => {
  const { config, directory, ids } = makeSite(t, [...hers, ...others])
  const state = join(directory, 'state')
  const file = join(state, SET_ASIDE_FILE)
  const lines = [others[0], hers[0], others[1], hers[5], others[2]].map(document => entryOf(document!))
  const damaged = Buffer.from(`not ours, of ${ann}\nnot ours\n`)
  writeFileSync(file, Buffer.concat([...lines, damaged]), { mode: 0o600 })
  writeFileSync(`${file}.new`, lines[1]!, { mode: 0o600 })
  const read = async (given: EraseArguments) => JSON.parse((await erase({ config, json: true, ...given })).out.join(''))
  t.match(await read({}), { address: ann, stores: [{ events: 9, erased: 0 }], setAside: 2, setAsideErased: 0 })
  t.match((await erase({ config })).out.join('\n'), `${file}: 2 documents that were refused and set aside\n`)
  await erase({ config }, async question => {
    t.match(question, 'Erase 9 events and 2 documents that were refused and set aside for ever?')
    return false
  })
  t.match(await readKept(state), { documents: 5, damaged: 2 })

  const lock = await lockStateDirectory(state, '-retry')
  await t.rejects(erase({ config, yes: true }), { code: 'MLS_STATE_LOCKED' }, 'not beside a retry, which may be sending them')
  t.equal(ids().length, 13, 'and nothing is erased then')
  await lock.release()

  t.match(await read({ yes: true }), {
    stores: [{ events: 9, erased: 9, logs: [{ dataset: 'mailman.error', events: 5, onlyInText: 5 }] }],
    setAsideErased: 2,
    remains: [/Mailman itself/, /Backups/, /^1 damaged line\(s\) of .*by hand/],
  })
  t.same(ids(), idsOf(others))
  t.same(await readKept(state), { documents: 3, damaged: 2, ids: idsOf(others.slice(0, 3)) }, 'the others, in their order')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notOk(existsSync(`${file}.new`), 'what a killed one left is gone')
  t.match(await read({ yes: true }), { setAside: 0, setAsideErased: 0 }, 'again')
  for (const address of ['ann', '@', 'ann@', ''])
    await t.rejects(erase({ config, address }), { code: 'MLS_USAGE_INVALID' }, JSON.stringify(address))
  await t.rejects(erase({ config, user: 'elastic' }), { code: 'MLS_USAGE_INVALID' })
})

t.test('documents that are set aside, while the agent goes on setting others aside', async t => {
  const { config, directory } = makeSite(t, [])
  const state = join(directory, 'state')
  await lockStateDirectory(state).then(lock => lock.release())
  const keeper = new SetAside(state, Date.now, work => withLock(state, '-set-aside', work))
  const added: string[] = []
  const add = async (n: number) => {
    const isHers = n % 3 === 0
    const document = documentOf({ id: `n${n}`, from: isHers ? ann : 'bob@example.org' })
    t.equal(await keeper.add([{ reason: '400 x', document: Buffer.from(JSON.stringify(document)) }]), undefined)
    if (!isHers) added.push(`n${n}`)
  }
  for (let n = 0; n < 30; n++) await add(n)
  let isOver = false
  const adding = (async () => {
    let n = 30
    while (!isOver || n < 60) await add(n++)
  })()
  const { out } = await erase({ config, yes: true })
  isOver = true
  await adding
  t.match(out.join('\n'), /Erased: \d+ documents/)
  await erase({ config, yes: true })
  t.same(
    await readKept(state),
    { documents: added.length, damaged: 0, ids: added },
    'none is lost, none is left, none is out of order',
  )
})

t.test('addresses that are stored hashed', async t => {
  const key = 'a key that nobody knows'
  const hash = new Privacy({ addresses: 'hash', names: 'keep', subjects: 'keep', ips: 'keep' }, key).hashAddress(ann)
  t.match(hash, /^hashed-[0-9a-f]+_@zebra-quagga\.org$/)
  const documents = [
    documentOf({ id: 'hashed', from: hash, message: `post from ${hash} held` }),
    documentOf({ id: 'hashed-text', log: 'error', message: `Uncaught runner exception: ${hash}` }),
  ]
  const site = makeSite(t, [...documents, ...hers.slice(0, 1), ...others], '{ addresses: hash, keyFile: key }')
  await t.rejects(erase({ config: site.config, yes: true }), { code: 'MLS_PRIVACY_KEY' }, 'half of it would be worse')
  writeFileSync(join(site.directory, 'key'), key, { mode: 0o600 })
  writeFileSync(join(site.directory, 'state', SET_ASIDE_FILE), Buffer.concat(documents.map(entryOf)), { mode: 0o600 })
  t.match(JSON.parse((await erase({ config: site.config, yes: true, json: true })).out.join('')), {
    stores: [{ erased: 3 }],
    setAsideErased: 2,
  })
  t.notOk(existsSync(join(site.directory, 'state', SET_ASIDE_FILE)), 'nothing was left in it')
  t.same(site.ids(), idsOf(others))
})

t.test('what names an address and what does not', async t => {
  const isIn = matcherOf([ann])
  for (const document of hers) t.ok(isIn(document), String(document.message))
  for (const document of others) t.notOk(isIn(document), String(document.message))
})

t.test('Elasticsearch: looked at with a key that reads, erased with one that may; the embedded store of before too', async t => {
  const { server, namespace, client } = await startNamespace(t)
  const { directory, ids } = makeSite(t, [hers[0]!, ...others])
  const put = (documents: readonly Record<string, unknown>[]) =>
    client.bulk({
      operations: documents.flatMap(document => [
        { create: { _index: `logs-mailman.vette-${namespace}`, _id: (document.event as { id: string }).id } },
        document,
      ]),
      refresh: true,
    })
  await put([...hers, ...others])
  // A copy in an older backing index goes too.
  await client.indices.rollover({ alias: `logs-mailman.vette-${namespace}` })
  await put(hers.slice(0, 1))
  const keyFor = async (name: string, privileges: string[]) => {
    const names = [`logs-mailman.*-${namespace}`]
    const role = { cluster: ['monitor'], indices: [{ names, privileges }] }
    const { encoded } = await client.security.createApiKey({ name, role_descriptors: { role } } as never)
    writeFileSync(join(directory, name), encoded, { mode: 0o600 })
    const config = join(directory, `${name}.yaml`)
    const fields = `nodes: ["${server.url}"], caFile: ${server.caFile}, apiKeyFile: ${name}, namespace: ${namespace}`
    writeFileSync(
      config,
      `logs: { timezone: UTC }\nstate: { directory: state }\nlocal: { file: events.db }\nelasticsearch: { ${fields} }\n`,
    )
    return config
  }
  const reader = await keyFor('reader', ['read', 'view_index_metadata'])
  const shown = await erase({ config: reader })
  t.match(shown.out[0], /^Elasticsearch, namespace \w+: 9 events/)
  t.match(shown.out.join('\n'), /events.db: 1 event,/)
  await t.rejects(erase({ config: reader, yes: true }), { code: 'MLS_ERASE_FORBIDDEN' })
  t.equal((await readCluster(client, namespace)).length, hers.length + 1 + others.length, 'nothing is erased')
  const eraser = await keyFor('eraser', ['read', 'delete'])
  t.match(
    (await erase({ config: eraser, yes: true })).out.join('\n'),
    /Erased: 10 events from Elasticsearch.*\n(.*\n)*.*_forcemerge/,
  )
  const left = await readCluster(client, namespace)
  t.same(new Set(left.map(({ event }) => event.id)), new Set(idsOf(others)))
  t.same(ids(), idsOf(others), 'the embedded store too')
  await put(hers.slice(1, 3))
  writeFileSync(join(directory, 'password'), server.password, { mode: 0o600 })
  const admin = { user: server.user, passwordFile: join(directory, 'password') }
  t.match((await erase({ config: reader, yes: true, ...admin })).out.join('\n'), /Erased: 2 events/)
  t.equal((await readCluster(client, namespace)).length, others.length)
})
