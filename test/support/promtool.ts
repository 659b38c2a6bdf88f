/** The real promtool. Where it is missing, root takes it out of Debian's package, which is not installed: no daemon is started. */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = '/var/cache/mailman-shipper-promtool'
const kept = join(cache, 'usr/bin/promtool')

/** Its path. @throws with what to type */
export async function findPromtool(): Promise<string> {
  if (spawnSync('promtool', ['--version']).status === 0) return 'promtool'
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error('promtool is missing. Type: sudo apt-get install prometheus')
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true })
    // The lock goes with its holder; a half-written file never has the last name.
    const script = `
      cd "$1"
      [ ! -e usr/bin/promtool ] || exit 0
      apt-get -qq download prometheus || { apt-get -qq update; apt-get -qq download prometheus; }
      dpkg-deb --extract prometheus_*.deb new
      mkdir -p usr/bin
      mv new/usr/bin/promtool usr/bin/promtool
      rm -rf new prometheus_*.deb`
    await run('flock', [join(cache, 'lock'), 'sh', '-euc', script, 'fetch', cache], { timeout: 240_000 }).catch(error => {
      throw new Error(`promtool could not be fetched. Type: apt-get install prometheus\n${`${error.stderr}`.slice(-500)}`)
    })
  }
  return kept
}
