/** F68: a link that is swapped while `backfill` looks at it leads nowhere outside the directory. */
import { renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findFiles } from '../../src/commands/backfill-files.js'
import { loadConfig } from '../../src/config/load.js'
import { makeAgentSite } from '../support/site-config.js'

t.test('swapped all the time', async t => {
  const directory = t.testdir({ secret: 'Nov 20 12:00:00 2026 (7) secret\n' })
  const site = makeAgentSite(directory)
  const config = await loadConfig(site.configFile)
  const inside = join(site.logs, 'mine')
  writeFileSync(inside, 'Nov 20 12:00:00 2026 (7) mine\n'.repeat(2))
  const vette = join(site.logs, 'vette')
  symlinkSync(inside, vette)
  let isDone = false
  const swap = async (): Promise<void> => {
    for (let turn = 0; !isDone; turn++) {
      symlinkSync(turn % 2 === 0 ? join(directory, 'secret') : inside, join(site.logs, 'next'))
      renameSync(join(site.logs, 'next'), vette)
      await new Promise(setImmediate)
    }
  }
  const swapping = swap()
  const sizes = new Set<number>()
  const end = performance.now() + 3_000
  while (performance.now() < end) for (const { size } of await findFiles([vette], undefined, config, () => {})) sizes.add(size)
  isDone = true
  await swapping
  t.same([...sizes], [60], 'the file that lies there, and no other')
})
