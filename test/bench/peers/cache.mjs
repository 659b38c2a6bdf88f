// Where the peers' programs are kept, each in a folder of its version: they are made once.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const isRoot = process.getuid?.() === 0
const caches = isRoot ? '/var/cache' : (process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'))
export const cache = process.env.BENCH_PEERS ?? join(caches, 'mailman-shipper-peers')

/** @returns what it prints. @throws with the end of what it says */
export async function run(command, args, options = {}) {
  try {
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26, ...options })
    return stdout
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error(`${command} is not installed`)
    const said = `${error.stderr ?? ''}`.trim().split('\n').slice(-2).join(' ')
    throw new Error(`${command} ${args[0]}: ${said === '' ? error.message : said}`)
  }
}

/** The folder that `make` has filled, now or in an earlier run; one that was not finished is no folder. */
export async function once(name, make) {
  const folder = join(cache, name)
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    const unfinished = mkdtempSync(join(cache, '.making-'))
    try {
      await make(unfinished)
      renameSync(unfinished, folder)
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true })
      if (!existsSync(folder)) throw error // else another run was faster
    }
  }
  return folder
}

/** All files below a folder. */
export const filesBelow = folder =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
