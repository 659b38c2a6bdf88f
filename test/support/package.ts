/** The Debian package of the built program, for tests: packed less tightly than what is released, else the same. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execute } from './systemd-host-system.js'

const project = fileURLToPath(new URL('../..', import.meta.url))
/** What goes in, and what makes it. */
const inputs = ['CHANGELOG.md', 'LICENSE', 'README.md', 'deploy/deb', 'deploy/kibana', 'deploy/systemd']
const built = ['dist', 'docs', 'package-lock.json', 'package.json']
/** Those that nobody asked for in this time are forgotten. */
const KEPT_MS = 10_800_000

/** Seconds; all times in the package, so that a commit that changes nothing of it needs no new one. */
export const packageEpoch = 1_780_000_000

/**
 * The path of the .deb, which is kept until what goes into it changes; processes that ask at once wait for one build.
 * @param kind `full` carries its own Node.js
 * @throws with what the build said
 */
export async function builtPackage(kind: 'full' | 'slim', arch: 'amd64' | 'arm64' = 'amd64'): Promise<string> {
  const user = process.getuid?.()
  const cache = user === 0 ? '/var/cache/mailman-shipper-deb' : join(tmpdir(), `mailman-shipper-deb-${user}`)
  const folder = join(cache, `${kind}-${arch}-${digest([...inputs, ...built])}`)
  mkdirSync(cache, { recursive: true })
  if (!existsSync(folder)) {
    forgetOld(cache)
    await build(cache, folder, ['--arch', arch, ...(kind === 'slim' ? ['--slim'] : [])])
  }
  utimesSync(folder, new Date(), new Date())
  return join(folder, readdirSync(folder)[0]!)
}

/** The lock goes with its holder; what was built half never has the last name. */
async function build(cache: string, folder: string, options: readonly string[]): Promise<void> {
  const script = `
    into=$1
    shift
    [ ! -e "$into" ] || exit 0
    rm -rf "$into.new"
    SOURCE_DATE_EPOCH=${packageEpoch} "$@" --built --fast --out "$into.new"
    mv "$into.new" "$into"`
  const command = [process.execPath, join(project, 'deploy/deb/build.mjs'), ...options]
  const ended = await execute('flock', [join(cache, 'lock'), 'sh', '-euc', script, 'build', folder, ...command])
  if (ended.code !== 0) throw new Error(`The package was not built (npm run package):\n${ended.stderr.slice(-2000)}`)
}

function digest(paths: readonly string[]): string {
  const files = paths.flatMap(path => {
    if (!statSync(join(project, path)).isDirectory()) return [path]
    const below = readdirSync(join(project, path), { recursive: true, withFileTypes: true })
    return below.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(project.length))
  })
  const hash = createHash('sha256')
  for (const path of files.sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(project, path)))
      .update('\0')
  return hash.digest('hex').slice(0, 16)
}

function forgetOld(cache: string): void {
  for (const name of readdirSync(cache))
    if (name !== 'lock' && statSync(join(cache, name)).mtimeMs < Date.now() - KEPT_MS)
      rmSync(join(cache, name), { recursive: true, force: true })
}
