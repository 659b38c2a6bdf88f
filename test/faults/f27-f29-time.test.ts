/**
 * F27, F28, F29: the clock of the machine jumps while the agent runs; the hour that comes twice, with a restart in it; dates that
 * cannot be. (Zones and stamps of every kind: test/events/stamp, test/laws/replay.)
 */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { needPackages } from '../support/apt.mjs'
import { LogStory } from '../support/log-story.js'

const libraries = '/usr/lib'
const findLibrary = (): string | undefined =>
  (existsSync(libraries) ? readdirSync(libraries) : [])
    .map(name => join(libraries, name, 'faketime/libfaketime.so.1'))
    .find(path => existsSync(path))
if (findLibrary() === undefined) needPackages('This test', 'faketime')
const library = findLibrary()

/** An agent whose wall clock says what a file says. */
class ClockStory extends LogStory {
  readonly #file: string

  constructor(t: Test) {
    super(t)
    this.#file = join(this.directory, 'clock')
    this.jump('+0')
    const settings = {
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    }
    this.agent.under = ['env', `LD_PRELOAD=${library}`, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)]
  }

  /** @param offset from the true time, as faketime takes it: `-1h`, `+1y` */
  jump(offset: string): void {
    writeFileSync(this.#file, `${offset}\n`)
  }
}

t.test('F27: the clock jumps to and fro: no stall, no burst, nothing is read again', async t => {
  const story = new ClockStory(t)
  story.write(10)
  story.start()
  await story.ships()
  const times: number[] = []
  for (const offset of ['+1h', '-1h', '+1y', '-1y', '+0']) {
    story.jump(offset)
    const begun = performance.now()
    story.write(2)
    await story.ships()
    times.push(performance.now() - begun)
    story.rotate()
    story.write(2) // in the renamed file
    story.reopen()
    story.write(2)
    await story.ships()
  }
  await story.shipsExactly()
  t.ok(Math.max(...times) < 8_000, `no stall: ${times.map(Math.round)} ms`)
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F27: a start a year ahead, and one a year back, forgets nothing', async t => {
  const story = new ClockStory(t)
  story.write(10)
  story.start()
  await story.ships()
  await story.stop()
  story.rotate()
  story.reopen()
  story.gzip('vette.1')
  const away = join(story.directory, 'vette.1.gz')
  renameSync(story.path('vette.1.gz'), away)
  for (const offset of ['+1y', '-1y']) {
    story.jump(offset)
    story.start()
    story.write(3)
    await story.ships()
    await story.stop()
  }
  renameSync(away, story.path('vette.1.gz'))
  story.start()
  story.write(3)
  await story.shipsExactly('the file that comes back is known')
  await story.stop()
})

for (const restarts of [false, true])
  t.test(`F28: the hours that come twice or never, ${restarts ? 'with a restart after each line' : 'in one run'}`, async t => {
    const story = new LogStory(t)
    const stamped = (time: string): string =>
      `${time} (7) Dev post from a@example.org held, message-id=<n${`${story.next++}`.padStart(5, '0')}@example.org>: x\n`
    const times = [
      'Mar 29 01:59:59 2026',
      'Mar 29 03:00:00 2026',
      'Oct 25 01:59:59 2026',
      'Oct 25 02:10:00 2026',
      'Oct 25 02:59:59 2026',
      'Oct 25 02:00:01 2026',
      'Oct 25 02:30:00 2026',
      'Oct 25 03:00:00 2026',
    ]
    const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
    config.logs.timezone = 'Europe/Berlin'
    writeFileSync(story.configFile, JSON.stringify(config))
    for (const time of times) {
      if (!story.agent.isRunning) story.start()
      story.append(stamped(time))
      await story.ships()
      if (restarts) await story.stop()
    }
    t.same(
      story.documents.map(document => document['@timestamp']),
      [
        '2026-03-29T00:59:59.000Z',
        '2026-03-29T01:00:00.000Z',
        '2026-10-24T23:59:59.000Z',
        '2026-10-25T00:10:00.000Z',
        '2026-10-25T00:59:59.000Z',
        '2026-10-25T01:00:01.000Z',
        '2026-10-25T01:30:00.000Z',
        '2026-10-25T02:00:00.000Z',
      ],
    )
    t.same(
      story.documents.map(({ tags }) => (tags as string[] | undefined)?.includes('mailman_ambiguous_time') === true),
      [false, false, false, true, true, true, true, false],
    )
    if (!restarts) await story.stop()
  })

t.test('F29: dates that cannot be: the time of reading, and a tag', async t => {
  const story = new LogStory(t)
  const begun = Date.now()
  for (const time of [
    'Jan 01 00:00:00 1970',
    'Dec 31 23:59:59 2099',
    'Feb 30 12:00:00 2026',
    'Nov 20 99:99:99 2026',
    'Nov 20 12:00:00 2026',
  ])
    story.append(
      `${time} (7) Dev post from a@example.org held, message-id=<n${`${story.next++}`.padStart(5, '0')}@example.org>: x\n`,
    )
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  await story.shipsExactly()
  for (const [i, document] of story.documents.entries()) {
    const at = Date.parse(document['@timestamp'] as string)
    const isBad = (document.tags as string[] | undefined)?.includes('mailman_bad_time') === true
    t.equal(isBad, i < 4, document.message)
    if (i < 4) t.ok(at >= begun && at <= Date.now(), `read at ${document['@timestamp']}`)
    else t.equal(document['@timestamp'], '2026-11-20T12:00:00.000Z')
  }
})
