/**
 * F36: the checkpoint neither grows for ever nor forgets too soon: a generation whose file is gone is kept until a run has
 * looked for it for a week, so that it is known when it comes back; then it goes; and all of them are far below 1 MB.
 */
import { mkdirSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createSources } from '../../src/events/source.js'
import { Followed } from '../../src/followed.js'
import type { SavedGeneration } from '../../src/model.js'
import { LogStory } from '../support/log-story.js'
import { makePipelineConfig } from '../support/site-config.js'

const DAY = 86_400_000

/** What a run on this checkpoint keeps that lasts some days. */
async function keepAfter(t: Test, story: LogStory, saved: readonly SavedGeneration[], days: number): Promise<SavedGeneration[]> {
  const config = makePipelineConfig(story.logs, story.state)
  let ms = 0
  const monotonic = (): number => ms
  const now = (): number => Date.UTC(2026, 10, 20) + ms
  const events = { blocked: () => t.fail('blocked'), unblocked: () => t.fail('unblocked'), lost: () => t.fail('lost') }
  const sources = createSources(config, now, undefined)
  const followed = new Followed(config, saved, sources, { now, monotonic, sleep: async () => {} }, events)
  await followed.look()
  ms = days * DAY
  await followed.look()
  for (let stream = followed.next(() => false); stream !== undefined; stream = followed.next(() => false)) {
    await followed.read(stream, () => undefined)
    stream.settle(stream.mark)
  }
  const kept = followed.save()
  await followed.close()
  return kept
}

t.test('a file that is away for six days is known again; after eight it is forgotten', async t => {
  const story = new LogStory(t)
  story.write(20)
  const offset = story.text().length
  const first = await keepAfter(t, story, [], 0)
  t.match(first, [{ log: 'vette', offset }])
  const away = join(story.directory, 'away')
  mkdirSync(away)
  renameSync(story.path(), join(away, 'vette'))
  t.match(await keepAfter(t, story, first, 6), [{ log: 'vette', offset }], 'kept')
  t.same(await keepAfter(t, story, first, 8), [], 'forgotten')
  renameSync(join(away, 'vette'), story.path('vette.1'))
  t.match(await keepAfter(t, story, first, 8), [{ path: story.path('vette.1'), offset }], 'what is there is never forgotten')
})

t.test('hundreds of files come and go', async t => {
  const story = new LogStory(t)
  let saved: SavedGeneration[] = []
  for (let round = 0; round < 14; round++) {
    const names = Array.from({ length: 40 }, (_, i) => `vette-2026${1000 + round * 40 + i}`)
    for (const name of names) story.append(story.lines(1), name)
    saved = await keepAfter(t, story, saved, round / 10)
    for (const name of names) unlinkSync(story.path(name))
  }
  t.ok(saved.length >= 500, `${saved.length} are remembered`)
  t.ok(saved.length <= 540, `${saved.length} are remembered`)
  const bytes = JSON.stringify(saved).length
  t.ok(bytes < 1_000_000, `${bytes} bytes`)
  t.comment(`${saved.length} generations, ${bytes} bytes`)
})
