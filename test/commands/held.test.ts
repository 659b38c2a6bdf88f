/** `held` on a 2.1 data directory, joined with the logs; on a real Mailman 3: test/mailman3/events.test.ts. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type HeldArguments, runHeld } from '../../src/commands/held.js'
import { runProgram } from '../support/agent-process.js'

const NOW = Date.parse('2026-11-20T15:00:00Z')

const vette = `Nov 19 10:00:00 2026 (7) OWNER: <own@example.net>
Nov 20 12:00:00 2026 (7) Announce post from eve@example.net held, message-id=<e1@example.net>: Post by non-member to a members-only list
Nov 20 12:00:01 2026 (7) Announce post from ann@example.org held, message-id=<a1@example.org>: Message has implicit destination
Nov 20 12:00:05 2026 (7) Announce post from ben@example.org held, message-id=<b1@example.org>: Post to moderated list
Nov 20 12:00:05 2026 (7) Announce post from cyd@example.org held, message-id=<c1@example.org>: Post to moderated list
Nov 20 12:01:00 2026 (7) Devel-fr post from otto@example.org held, message-id=<o1@example.org>: Post to moderated list
Nov 20 12:01:00 2026 (7) Devel-fr post from mona@example.org held, message-id=<m1@example.org>: Post to moderated list
Nov 20 12:01:00 2026 (7) Devel-fr post from zoe\x1b[2J@example.org held, message-id=<z1@example.org>: Post to moderated list
Nov 20 12:30:00 2026 (9) devel-fr: held message approved, message-id: <o1@example.org>
`
// The last one is mail to a list's owners, as Mailman 3 logs it: whoever wrote it is a stranger all the same.
const post = `Nov 19 10:00:00 2026 (8) post to announce from ann@example.org, size=1200, message-id=<p1@example.org>, success
Nov 19 10:00:00 2026 (8) post to other from cyd@example.org, size=1200, message-id=<p2@example.org>, success
Nov 19 10:00:00 2026 (8) <own@example.net> post to announce@lists.example.org from eve@example.net, 900 bytes
`

/** Files of the data directory, each with its time of 2026-11-20. */
const files: Readonly<Record<string, string>> = {
  'heldmsg-announce-11.pck': '12:00:00.700',
  'heldmsg-announce-12.pck': '12:00:01.100',
  'heldmsg-announce-13.pck': '12:00:05.100',
  'heldmsg-announce-14.pck': '12:00:05.600',
  // Its line is in no log that is there.
  'heldmsg-announce-9.txt': '09:00:00.000',
  // One of two: that of a third is approved.
  'heldmsg-devel-fr-2.pck': '12:01:00.500',
  // Nothing of these waits.
  'heldmsg-announce-x.pck': '12:00:00.000',
  'request.pck': '12:00:00.000',
  'heldmsg--1.pck': '12:00:00.000',
}

/** A host of Mailman 2.1 whose logs are in the embedded store. */
async function makeHost(t: Test) {
  const directory = t.testdir({
    data: Object.fromEntries(Object.keys(files).map(name => [name, 'not to be opened'])),
    logs: { vette, post },
  })
  for (const [name, time] of Object.entries(files)) {
    const date = new Date(`2026-11-20T${time}Z`)
    utimesSync(join(directory, 'data', name), date, date)
  }
  const config = join(directory, 'config.yaml')
  mkdirSync(join(directory, 'state'), { mode: 0o700 })
  writeFileSync(config, 'logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\n')
  t.equal((await runProgram(['run', '--once', '--config', config])).code, 0)
  return { directory, config, dataDirectory: join(directory, 'data') }
}

async function held(given: HeldArguments): Promise<{ out: string[]; err: string[] }> {
  const out: string[] = []
  const err: string[] = []
  const screen = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) }
  await runHeld(given, { ...screen, columns: undefined, isColoured: false, now: () => NOW })
  return { out, err }
}

t.test('Mailman 2.1: by list, the mail of people who have posted before first', async t => {
  const { config, dataDirectory, directory } = await makeHost(t)
  t.strictSame(await held({ config, dataDirectory }), {
    out: [
      '6 messages wait for a moderator, on 2 lists; the oldest for 6 h.',
      '',
      'From people who have posted before: look at these first (2)',
      '  list      id  waits  sender           why',
      '  announce  12  3 h    ann@example.org  implicit-destination',
      '  announce  14  3 h    cyd@example.org  post-to-moderated-list',
      '',
      'From senders of whom the logs do not tell (1)',
      '  list      id  waits  sender  why',
      '  announce  9   6 h',
      '',
      'From strangers: no post of theirs is in the logs (3)',
      '  list      id  waits  sender             why',
      '  announce  11  3 h    eve@example.net    post-by-non-member',
      '  announce  13  3 h    ben@example.org    post-to-moderated-list',
      '  devel-fr  2   3 h    mona@example.org?  post-to-moderated-list',
      '',
      '?: the logs have several holds of that second; it may be another one of them.',
      'A moderator decides at …/mailman/admindb/announce?msgid=9; --web https://HOST/mailman prints all links.',
      'A sender’s address can be forged: a look at the message decides.',
    ],
    err: [],
  })
  const linked = await held({
    config,
    dataDirectory,
    list: 'Devel-FR@lists.example.org',
    web: 'https://lists.example.org/mailman/',
  })
  t.ok(linked.out.includes('    https://lists.example.org/mailman/admindb/devel-fr?msgid=2'), 'a line of its own: never cut')
  t.notMatch(linked.out.join('\n'), 'announce')
  const json = (await held({ config, dataDirectory, json: true, list: 'announce' })).out.map(line => JSON.parse(line))
  t.match(json, [
    { id: 9, standing: 'unknown', heldAt: '2026-11-20T09:00:00.000Z', waitsSeconds: 21600, reasons: [] },
    { id: 11, sender: 'eve@example.net', standing: 'stranger', messageId: 'e1@example.net', certain: true },
    { id: 12, sender: 'ann@example.org', standing: 'posted-here', reasonText: 'Message has implicit destination' },
    { id: 13, sender: 'ben@example.org', standing: 'stranger' },
    { id: 14, sender: 'cyd@example.org', standing: 'posted-elsewhere', mailman: '2.1', list: 'announce' },
  ])

  t.test('without the store', async t => {
    const other = join(directory, 'other.yaml')
    writeFileSync(other, 'logs: { directories: [logs] }\nstate: { directory: none }\n')
    const { out, err } = await held({ config: other, dataDirectory })
    t.match(out.join('\n'), /^6 messages(.|\n)*of whom the logs do not tell \(6\)/)
    t.match(err, [/^The logs could not be asked/])
  })
  t.test('nothing unasked, nothing that is not there', async t => {
    await t.rejects(held({ config }), { code: 'MLS_USAGE_INVALID' })
    await t.rejects(held({ config, dataDirectory: join(directory, 'nowhere') }), { code: 'MLS_HELD_UNREADABLE' })
    await t.rejects(held({ config, dataDirectory, limit: 0 }), { code: 'MLS_USAGE_INVALID' })
    t.match((await held({ config, dataDirectory: directory })).out, ['Nothing waits for a moderator.'])
  })
})

t.test('Mailman 3 that does not answer as it should', async t => {
  const directory = t.testdir({ state: {} })
  const config = join(directory, 'config.yaml')
  writeFileSync(config, 'logs: { directories: [logs] }\nstate: { directory: state }\n')
  const restPasswordFile = join(directory, 'password')
  writeFileSync(restPasswordFile, 'secret\n', { mode: 0o600 })
  const asked: unknown[] = []
  const answers = [
    { status: 401, body: '' },
    { status: 200, body: '<html>' },
    { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
  ]
  const server = createServer(({ headers, url }, response) => {
    asked.push([url, headers.authorization])
    const { status, body, headers: more } = answers.shift()!
    response.writeHead(status, more).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const given = { config, rest: `http://127.0.0.1:${port}/3.1/`, restUser: 'restadmin', restPasswordFile }
  for (const detail of [/does not take this user/, /no JSON/, /302/])
    await t.rejects(held(given), { code: 'MLS_HELD_REST', detail })
  const authorization = `Basic ${Buffer.from('restadmin:secret').toString('base64')}`
  t.same(asked, Array(3).fill(['/3.1/lists?count=200&page=1', authorization]))
  await t.rejects(held({ ...given, rest: 'http://127.0.0.1:1' }), { code: 'MLS_HELD_REST', detail: /ECONNREFUSED/ })
  for (const rest of ['http://lists.example.org:8001', 'localhost:8001', 'https://u:p@localhost', 'nothing'])
    await t.rejects(held({ ...given, rest }), { code: 'MLS_USAGE_INVALID' }, rest)
  await t.rejects(held({ ...given, restUser: undefined }), { code: 'MLS_USAGE_INVALID' })
})
