/** F05: a .gz that stays half-written, as a full disk or a kill leaves it: told of once, and read to its end when it is whole. */
import { appendFileSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { LogStory } from '../support/log-story.js'

t.test('nobody has written to it for more than a minute', async t => {
  const story = new LogStory(t)
  story.write(500)
  story.rotate()
  story.reopen()
  const whole = gzipSync(readFileSync(story.path('vette.1')))
  unlinkSync(story.path('vette.1'))
  const copy = story.path('vette.1.gz')
  writeFileSync(copy, whole.subarray(0, -100))
  const aWhileAgo = new Date(Date.now() - 120_000)
  utimesSync(copy, aWhileAgo, aWhileAgo)
  story.start()
  const said = await story.says(/MLS_FILE_DAMAGED/)
  t.match(said, { level: 'error', text: `${copy} (Z_BUF_ERROR)` })
  story.write(2)
  appendFileSync(copy, whole.subarray(-100))
  await story.ships()
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    Array.from({ length: 502 }, (_, number) => number),
    'each line once',
  )
  await story.says(/can be read again/)
  await story.stop()
  t.equal(story.troubles.length, 1, JSON.stringify(story.troubles))
})
