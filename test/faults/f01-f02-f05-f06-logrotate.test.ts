/**
 * F01, F02, F05, F06, F08: the real logrotate in each of its modes, on ext4, where it makes new files of old inodes. Mailman writes
 * at full speed and keeps its files open until it is told to reopen them; the agent runs, and every other round is down.
 */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cannotMount, mountExt4 } from '../support/ext4.js'
import { LogStory } from '../support/log-story.js'
import { Logrotate, needLogrotate } from '../support/logrotate.js'
import { until } from '../support/until.js'

const skip = cannotMount
if (!skip) needLogrotate()

const modes: Record<string, readonly string[]> = {
  create: ['create'],
  'compress, delaycompress, as Debian’s Mailman': ['create', 'compress', 'delaycompress'],
  compress: ['create', 'compress'],
  copytruncate: ['copytruncate'],
  'copytruncate, compress': ['copytruncate', 'compress'],
  'dateext with seconds': ['create', 'dateext', 'dateformat -%Y%m%d-%s'],
  'dateext with an hour, compress, delaycompress': ['create', 'dateext', 'dateformat .%Y-%m-%d-%s', 'compress', 'delaycompress'],
  olddir: ['create', 'olddir OLD'],
  'olddir, compress': ['create', 'olddir OLD', 'compress'],
  renamecopy: ['create', 'olddir OLD', 'renamecopy'],
  'by size': ['create', 'size 1k', 'start 0'],
}

t.jobs = 3

for (const [mode, directives] of Object.entries(modes))
  t.test(mode, { skip }, async t => {
    const ext4 = mountExt4(t)
    const logs = join(ext4, 'logs')
    const old = join(ext4, 'old')
    for (const directory of [logs, old]) mkdirSync(directory)
    const story = new LogStory(t, { logs: { directories: [logs, old], timezone: 'UTC' } })
    story.logs = logs
    const copies = mode.includes('copytruncate')
    // Who writes into a file that is being packed loses that: it is why Mailman is told to reopen before, or delaycompress is there.
    const late = !copies && mode !== 'renamecopy' && (!mode.includes('compress') || mode.includes('delaycompress'))
    const logrotate = new Logrotate(
      story.directory,
      `${logs}/vette`,
      directives.map(line => line.replace('OLD', old)),
    )
    story.write(200)
    story.start()
    for (let round = 0; round < 4; round++) {
      if (mode.includes('seconds') || mode.includes('hour')) await nextSecond()
      const down = round % 2 === 1
      if (down) await story.stop()
      story.write(300)
      // What is cut off before it was copied or read is lost with copytruncate; nothing is written meanwhile here.
      logrotate.rotate()
      if (late) story.write(20)
      if (!copies) story.reopen()
      story.write(50 + round)
      if (down) story.start()
      await story.ships()
    }
    await story.shipsExactly()
    await story.stop()
    t.same(story.troubles, [])
    t.comment(readdirSync(logs).concat(readdirSync(old)).join(' '))
    t.ok(readdirSync(logs).concat(readdirSync(old)).length >= 5, 'it was rotated')
    story.start()
    story.write(1)
    await story.shipsExactly('and nothing again after a restart')
    await story.stop()
  })

/** logrotate refuses a name that is taken. */
async function nextSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  await until(
    () => Math.floor(Date.now() / 1000) > now,
    () => 'the next second',
  )
}
