/**
 * A real Mailman 3 does what a mailing list server does, and the real agent reads its logs while they are written and rotated:
 * every line is in exactly one event, and each thing that happened is told by name.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LogStory } from '../support/log-story.js'
import { Mailman3 } from '../support/mailman3.js'
import { until } from '../support/until.js'
import { findGaps } from './coverage.js'
import { bounces, decide, ids, join as joinLists, later, makeLists, meanwhile, posts } from './season.js'

// Both then take the host's zone: Mailman's runners do not get it from their environment.
delete process.env.TZ

t.test('a real Mailman 3', async t => {
  const story = new LogStory(t, { logs: { directories: [join(t.testdirName, 'logs')] } })
  const mailman = new Mailman3(join(story.directory, 'mailman'), story.logs)
  t.teardown(() => mailman.end())
  await mailman.install()

  story.start()
  await mailman.start()
  await makeLists(mailman)
  await mailman.deliver(...posts)
  await joinLists(mailman)
  await mailman.says('mailman', ...ids(posts).map(id => id.split('\n')[0]!))
  await decide(mailman)
  await bounces(mailman)

  for (const name of ['mailman.log', 'smtp.log', 'bounce.log']) story.rotate(name)
  await mailman.deliver(...meanwhile)
  await mailman.says('mailman', ...ids(meanwhile))
  await mailman.run('reopen')
  await mailman.reopened()
  await mailman.deliver(...later)
  await mailman.says('smtp', 'Discarding message', ...ids(later))
  await mailman.says('bounce', 'bounce-odd')
  t.equal(await mailman.stop(), 0, 'Mailman stops')

  await until(
    () => findGaps(story.logs, story.documents).length === 0,
    () => `every line in exactly one event; ${findGaps(story.logs, story.documents).slice(0, 5).join('; ')}`,
  )
  await story.stop()
  const { documents } = story
  t.same(findGaps(story.logs, documents), [], `every line in exactly one of ${documents.length} events`)
  t.equal(new Set(documents.map(({ event }) => event.id)).size, documents.length, 'ids are unique')
  t.ok(readdirSync(story.logs).includes('mailman.log.1'), 'over a rotation')
  t.same(story.troubles, [], 'without trouble')
})
