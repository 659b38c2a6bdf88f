/**
 * Programs of Python in a virtual environment of this user's cache, installed once by pip from whatever index this machine is
 * configured for. What is missing is said with what to type; root installs it by apt, as for the other test servers.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { needPackages } from './apt.mjs'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0

export interface Wanted {
  /** For people: `Mailman 3`. */
  readonly name: string
  /** Of its folder in the cache. */
  readonly folder: string
  /** A file for `pip install -r`. */
  readonly requirements: string
  /** What runs when all is there, and what it says then. */
  readonly check: readonly [program: string, argument: string]
  readonly says: string
}

/** The directory of its programs. About half a minute the first time. @throws with what to type */
export async function installPython({ name, folder, requirements, check, says }: Wanted): Promise<string> {
  const python = await findPython(name)
  const cache = join(isRoot ? '/var/cache' : (process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')), folder)
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const made = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const home = join(cache, `${python.version}-${made}`)
  const [program, argument] = check

  /** A Python was taken away, or a package of the system: then it is made anew. */
  const isComplete = async (): Promise<boolean> => {
    if (!existsSync(join(home, 'ready'))) return false
    try {
      const { stdout } = await run(join(home, 'bin', program), [argument], { env: withoutPythonOfOthers() })
      if (stdout.includes(says)) return true
    } catch {}
    rmSync(join(home, 'ready'), { force: true })
    return false
  }

  if (await isComplete()) return join(home, 'bin')
  // The kernel lets go of this lock whatever becomes of its holder.
  const script = `
    [ ! -e "$1/ready" ] || exit 0
    rm -rf "$1"
    "$2" -m venv "$1"
    "$1/bin/python" -m pip install --quiet --no-color --disable-pip-version-check --requirement "$3"
    : >"$1/ready"`
  try {
    await run('flock', [`${home}.lock`, 'sh', '-euc', script, 'install', home, python.path, requirements], {
      env: withoutPythonOfOthers(),
      maxBuffer: 1 << 26,
    })
  } catch (error) {
    throw new Error(
      `${name} could not be installed for this test: pip needs a package index that it reaches. To see why, type: python3 -m venv try && try/bin/pip install -r ${requirements}\n${tailOf(error)}`,
    )
  }
  if (await isComplete()) return join(home, 'bin')
  throw new Error(`${name} does not run from ${home}. Type: rm -r ${home}, and run this test again.`)
}

async function findPython(name: string): Promise<{ path: string; version: string }> {
  const look = async (): Promise<{ path: string; version: string }> => {
    const script = 'import ensurepip, sys, venv; print(sys.executable, "%d.%d" % sys.version_info[:2])'
    const { stdout } = await run('python3', ['-c', script])
    const [path, found] = stdout.trim().split(' ')
    return { path: path!, version: found! }
  }
  try {
    return await look()
  } catch {
    needPackages(`The ${name} of this test`, 'python3', 'python3-venv')
    return look()
  }
}

/** The environment, so that pip finds its index, without what would mix other Pythons' packages in. */
export function withoutPythonOfOthers(): NodeJS.ProcessEnv {
  const { PYTHONPATH: _path, PYTHONHOME: _home, PIP_REQUIRE_VIRTUALENV: _require, ...env } = process.env
  return env
}

function tailOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }
  return (stderr || message).slice(-1500)
}
