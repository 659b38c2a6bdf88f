/**
 * F31: no room for what is refused: delivery waits and says so, nothing is dropped and nothing counts as settled; with room again
 * it goes on by itself. The cap against the real server, the full disk on a real small file system.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lineOf } from '../../src/delivery/set-aside-file.js'
import { errors } from '../../src/errors.js'
import { type BulkScript, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory, numberedLine } from '../support/log-story.js'
import { makeRefusals } from '../support/refusals.js'
import { until } from '../support/until.js'

t.setTimeout(240_000)

const { message, remedy } = errors.MLS_SETASIDE_FULL
const reason = '400 document_parsing_exception, field mailman.hold.reason_text'
const room = (file: string): number => 64 * 1024 * 1024 - statSync(file).size

const refuseAll: BulkScript = ({ id }) => ({
  body: {
    errors: true,
    items: id.map(() => ({ create: { status: 400, error: { type: 'document_parsing_exception', reason: 'x' } } })),
  },
})

t.test('64 MiB are set aside: it waits and says so; after `set-aside retry` it goes on', async t => {
  const refusals = await makeRefusals(t)
  const { story, file } = refusals
  story.write(1)
  story.start()
  await refusals.setsAside(1)
  await story.stop()
  // The same document under other ids, with text that costs the server little, until 100 bytes are left.
  const { document } = JSON.parse(readFileSync(file, 'utf8'))
  const fill = (i: number, length: number): Buffer => {
    const event = { ...document.event, id: `filler-${i}` }
    const whole = { ...document, event, message: `${document.message} ${'x'.repeat(length)}` }
    return lineOf(new Date().toISOString(), { reason, document: Buffer.from(JSON.stringify(whole)) })
  }
  for (let i = 0, left = room(file); left > 100; i++, left = room(file))
    appendFileSync(file, fill(i, Math.min(980_000, left - 100 - fill(i, 0).length)))
  const { size } = statSync(file)

  story.start()
  story.write(30)
  const said = await story.says(/MLS_SETASIDE_FULL/)
  const detail =
    /a document was refused \(400 document_parsing_exception, field mailman\.hold\.reason_text\), and the limit of 64 MiB is/
  t.match(said, { level: 'error', msg: message, remedy, text: detail })
  await until(
    () => story.status()?.holdUp?.code === 'MLS_SETASIDE_FULL',
    () => `held up: ${JSON.stringify(story.status())}`,
  )
  const { code, stdout } = await refusals.command('status')
  t.equal(code, 4)
  t.match(stdout, /^held up: /)
  t.match(stdout, detail)
  t.ok(stdout.includes(remedy), stdout)
  t.equal(statSync(file).size, size, 'bounded')
  t.equal(story.status()?.files[0]?.lagBytes, 30 * numberedLine(0).length, 'what is refused is not settled')

  await refusals.mend()
  const retry = await refusals.command('set-aside', 'retry', '--json')
  t.match(retry, { code: 0, stdout: /"stored":\d\d,"duplicates":0,"refused":0,"left":0/ }, retry.stderr)
  await story.says(/events are taken again/)
  t.equal(story.agent.log.filter(({ code }) => code === 'MLS_SETASIDE_FULL').length, 1, 'P6: told once')
  await until(
    () => story.status()?.files[0]?.lagBytes === 0,
    () => `all settled: ${JSON.stringify(story.status())}`,
  )
  t.notOk(existsSync(file))
  await story.stop()
})

t.test(
  'no space left for it: the same, and no half line stays',
  { skip: process.getuid?.() !== 0 && 'only root can mount' },
  async t => {
    const server = await startFakeElasticsearch()
    t.teardown(() => server.close())
    const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url], compression: 'none' } })
    const disk = join(story.directory, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'none', disk])
    t.teardown(() => execFileSync('umount', ['-l', disk]))
    const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
    writeFileSync(story.configFile, JSON.stringify({ ...config, state: { directory: disk } }))
    const file = join(disk, 'set-aside.ndjson')
    server.next(...new Array(50).fill(refuseAll))
    story.write(500)
    story.start()
    const said = await story.says(/MLS_SETASIDE_FULL/)
    t.match(said, {
      msg: message,
      text: /refused \(400 document_parsing_exception\), and it cannot be written \(ENOSPC\) to /,
    })
    t.equal(existsSync(file) ? statSync(file).size : 0, 0, 'what could not be written whole is cut off again')
    execFileSync('mount', ['-o', 'remount,size=8m', disk])
    await until(
      () => existsSync(file) && readFileSync(file, 'utf8').split('\n').length - 1 === story.next,
      () => 'all are set aside once there is space',
      30_000,
    )
    await story.says(/events are taken again/)
    const ids = new Set(
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).document.event.id),
    )
    t.equal(ids.size, story.next, 'each once')
    await story.stop()
  },
)

t.test('a line torn by a crash is cut off, whole lines stay', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  const file = join(story.state, 'set-aside.ndjson')
  server.next(refuseAll, refuseAll)
  story.write(3)
  story.agent.args.push('--once')
  story.start()
  await story.ends(0)
  const whole = readFileSync(file)
  const half = Math.floor(whole.length / 6)
  writeFileSync(file, Buffer.concat([whole, whole.subarray(0, half)]))
  story.write(1)
  story.start()
  await story.ends(0)
  const after = readFileSync(file)
  t.same(after.subarray(0, whole.length), whole)
  t.equal(after.toString().trimEnd().split('\n').length, 4)
  for (const line of after.toString().trimEnd().split('\n')) t.ok(JSON.parse(line).document.event.id)
})
