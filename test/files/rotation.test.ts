/** Rotation by rename and create, with compression, while the agent runs and while it is down: no line lost, none twice. */

import { appendFileSync, readFileSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

t.test('F01, F02: the writer keeps the renamed file open for a while', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  for (let rotation = 0; rotation < 3; rotation++) {
    story.rotate()
    for (let i = 0; i < 5; i++) {
      story.write(3)
      await story.ships() // lines in the renamed file, after the new one is there
    }
    story.reopen()
    story.write(7)
    await story.shipsExactly()
  }
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F01: at full speed', async t => {
  const story = new LogStory(t)
  story.start()
  await story.says(/started/)
  for (let rotation = 0; rotation < 5; rotation++) {
    for (let i = 0; i < 20; i++) story.write(100)
    story.rotate()
    story.reopen()
    await story.ships(story.next - 1_500) // so that the next rotation meets it at work
  }
  story.write(10)
  await story.shipsExactly()
  t.same(story.troubles, [])
})

for (const compressed of [false, true])
  t.test(`F03, F04: rotations while down, ${compressed ? 'compressed' : 'plain'}`, async t => {
    const story = new LogStory(t)
    story.write(10)
    story.start()
    await story.ships()
    await story.stop()
    for (let rotation = 0; rotation < 4; rotation++) {
      story.write(5)
      story.rotate()
      story.reopen()
      story.write(5)
      if (compressed && rotation > 0) story.gzip(`vette.2`)
    }
    story.start()
    await story.shipsExactly()
    await story.stop()
    t.same(story.troubles, [])
  })

t.test('compressed while it runs: nothing is read twice, not even after a restart', async t => {
  const story = new LogStory(t)
  story.write(50)
  story.start()
  await story.ships()
  story.rotate()
  story.reopen()
  story.write(1)
  await story.ships()
  story.gzip('vette.1')
  story.write(1)
  await story.ships()
  await story.stop()
  story.start()
  story.write(1)
  await story.shipsExactly()
  await until(
    () => story.status()?.files.some(file => file.compressed && file.lagBytes === 0),
    () => 'the copy is known',
  )
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F05: a half-written .gz beside its source is left alone; without it, it is waited for', async t => {
  const story = new LogStory(t)
  story.write(500)
  story.start()
  await story.ships()
  await story.stop()
  story.write(500)
  story.rotate()
  story.reopen()
  const whole = gzipSync(readFileSync(story.path('vette.1')))
  writeFileSync(story.path('vette.1.gz'), whole.subarray(0, 300))
  story.start()
  await story.shipsExactly('from the source')
  unlinkSync(story.path('vette.1'))
  story.write(1)
  await story.ships()
  appendFileSync(story.path('vette.1.gz'), whole.subarray(300))
  story.write(1)
  await story.shipsExactly('and not again from the copy')
  await story.stop()

  story.write(10)
  story.rotate()
  story.reopen()
  const second = gzipSync(readFileSync(story.path('vette.1')))
  unlinkSync(story.path('vette.1'))
  writeFileSync(story.path('vette.1.gz'), second.subarray(0, -20))
  story.start()
  story.write(1)
  await story.ships(story.next - 10)
  appendFileSync(story.path('vette.1.gz'), second.subarray(-20))
  await story.ships()
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    Array.from({ length: story.next }, (_, i) => i),
    'all of it when it is whole',
  )
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F05: several members in one .gz; a last line without its newline', async t => {
  const story = new LogStory(t)
  const members = [story.lines(10), story.lines(10), story.lines(1).slice(0, -1)]
  writeFileSync(story.path('vette.1.gz'), Buffer.concat(members.map(text => gzipSync(text))))
  story.start()
  await story.shipsExactly()
  t.match(story.documents.at(-1), { tags: ['mailman_unterminated'] })
  await story.stop()
  story.start()
  story.write(1)
  await story.shipsExactly('not again after a restart')
})

t.test('a .gz that is damaged is told of, once, and holds nothing else up', async t => {
  const story = new LogStory(t)
  const whole = gzipSync(story.lines(1_000))
  const gz = Buffer.from(whole)
  story.next = 0
  gz[gz.length - 8]! ^= 0xff // its checksum
  writeFileSync(story.path('post.1.gz'), gz)
  story.start()
  await story.says(/started/)
  story.write(5)
  await until(
    () => story.documents.filter(({ log }) => log.file.path.endsWith('/vette')).length === 5,
    () => 'the other log',
  )
  const said = await story.says(/post\.1\.gz/)
  t.match(said, { level: 'error', code: 'MLS_FILE_DAMAGED' })
  await until(
    () => story.status()?.blocked.length === 1,
    () => 'status says so too',
  )
  story.append(Buffer.alloc(1), 'post.1.gz') // it is looked at again, and nothing more is said
  story.write(1)
  await story.ships()
  t.equal(story.troubles.length, 1)
  unlinkSync(story.path('post.1.gz'))
  writeFileSync(story.path('post.1.gz'), whole)
  await story.says(/can be read again/)
  await story.stop()
  t.equal(story.shipped.length, 1_006, 'each line once')
})

t.test('the live log packed by hand, and a new one begun, while down', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  await story.stop()
  story.write(10)
  story.reopen()
  utimesSync(story.path(), new Date('2026-11-20'), new Date('2026-11-20')) // gzip keeps the time of the last line
  story.gzip('vette')
  story.write(10)
  story.start()
  await story.shipsExactly()
})

t.test('moved out of sight and back', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  renameSync(story.path(), story.path('hidden'))
  story.reopen()
  story.write(10)
  await story.ships()
  renameSync(story.path('hidden'), story.path('vette.1'))
  story.write(10)
  await story.shipsExactly()
})
