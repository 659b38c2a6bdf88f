/**
 * F07: ext4 hands a deleted file's inode to the next file created. A new file is read from its beginning all the same, while the
 * agent runs and while it is down. (tmpfs never reuses inodes, so a loop-mounted ext4 is needed, and root to mount it.)
 */
import { statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { mountExt4, cannotMount as skip } from '../support/ext4.js'
import { LogStory } from '../support/log-story.js'

for (const down of [false, true])
  t.test(down ? 'while it is down' : 'while it runs', { skip }, async t => {
    const ext4 = mountExt4(t)
    const story = new LogStory(t, { logs: { directories: [ext4], timezone: 'UTC' } })
    const path = join(ext4, 'vette')
    let reused = 0
    let inode = 0
    story.start()
    for (let round = 0; round < 8; round++) {
      writeFileSync(path, story.lines(20 + round * 5)) // longer than the one before
      const { ino } = statSync(path)
      if (ino === inode) reused++
      inode = ino
      if (!story.agent.isRunning) story.start()
      await story.ships()
      if (down) await story.stop()
      unlinkSync(path)
    }
    await story.shipsExactly()
    // While it runs, it holds the deleted file open for a while, so that its inode is not free yet.
    if (down) t.ok(reused > 0, `the inode was used again ${reused} times`)
  })

t.test('logrotate’s circle with compression: the new live file gets the inode of an older one', { skip }, async t => {
  const ext4 = mountExt4(t)
  const story = new LogStory(t, { logs: { directories: [ext4], timezone: 'UTC' } })
  story.logs = ext4
  const seen = new Set<number>()
  let reused = 0
  for (let round = 0; round < 6; round++) {
    story.write(30)
    story.start()
    await story.ships()
    await story.stop()
    story.write(5)
    seen.add(statSync(story.path()).ino)
    story.rotate()
    story.reopen()
    story.gzip('vette.1')
    if (seen.has(statSync(story.path()).ino)) reused++
    unlinkSync(story.path())
    writeFileSync(story.path(), story.lines(60))
    if (seen.has(statSync(story.path()).ino)) reused++
  }
  story.start()
  await story.shipsExactly()
  t.ok(reused > 0, `an inode was used again ${reused} times`)
})
