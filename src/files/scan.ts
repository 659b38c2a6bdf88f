/** Which log files there are now: the truth, asked at every rescan. Nothing is opened here. */
import { type BigIntStats, lstatSync } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileId } from '../model.js'
import { compareAge, type LogName, logNameOf } from './names.js'

export interface SeenFile extends LogName {
  readonly path: string
  readonly id: FileId
  readonly size: number
  readonly mtimeMs: number
}

/** A place that cannot be looked at; `code` is the system's: ENOENT, EACCES… */
export interface Blocked {
  readonly path: string
  readonly code: string
}

export interface Scan {
  /** Oldest generation of each log first; each file once, also where it has two names. */
  readonly files: SeenFile[]
  readonly blocked: Blocked[]
}

/**
 * So many files are asked for at a time, before others have their turn. Each takes microseconds, a tenth of what the thread pool needs
 * for it: the directory has just been read, so the file system answers.
 */
const SLICE = 100

export async function scan(directories: readonly string[], extraNames: ReadonlySet<string>): Promise<Scan> {
  const files = new Map<FileId, SeenFile>()
  const blocked: Blocked[] = []
  let asked = 0
  for (const directory of directories) {
    let names: string[]
    try {
      names = await readdir(directory)
    } catch (error) {
      blocked.push({ path: directory, code: codeOf(error) })
      continue
    }
    const changedNs = new Map<string, bigint>()
    // A file comes before its .gz.
    for (const name of names.sort()) {
      const logName = logNameOf(name, extraNames)
      if (logName === undefined) continue
      const path = join(directory, name)
      if (++asked % SLICE === 0) await new Promise(setImmediate)
      try {
        const found = lstatSync(path, { bigint: true })
        const stats = found.isSymbolicLink() ? await statTarget(path, directories) : found
        if (!stats?.isFile()) continue
        const id = `${stats.dev}:${stats.ino}`
        const seen = { ...logName, path, id, size: Number(stats.size), mtimeMs: Number(stats.mtimeMs) }
        changedNs.set(name, stats.mtimeNs)
        // gzip writes the copy beside its source, gives it the source's time, and removes the source. A .gz that is older than
        // the file beside it was made of another one, which had the name before.
        const besideNs = seen.compressed ? changedNs.get(name.slice(0, -3)) : undefined
        if (besideNs !== undefined && stats.mtimeNs >= besideNs) continue
        const other = files.get(id)
        if (other === undefined || compareAge(other, seen) < 0) files.set(id, seen)
      } catch (error) {
        const code = codeOf(error)
        if (code === 'EACCES' && isAboutPlace(error, path)) {
          blocked.push({ path: directory, code })
          break
        }
        if (code !== 'ENOENT') blocked.push({ path, code })
      }
    }
  }
  return { files: [...files.values()].sort(compareAge), blocked }
}

/** A symbolic link counts only where it stays below the configured directories. */
async function statTarget(path: string, directories: readonly string[]): Promise<BigIntStats | undefined> {
  const target = await realpath(path)
  const roots = await Promise.all(directories.map(directory => realpath(directory).catch(() => directory)))
  // The link may point elsewhere by now: what is opened later must be the file that was found to lie here.
  return roots.includes(dirname(target)) ? lstatSync(target, { bigint: true }) : undefined
}

/** What a file is may be asked whoever may read it; the system refuses it only to who may not enter the directory. */
const isAboutPlace = (error: unknown, path: string): boolean => (error as { path?: unknown }).path === path

export const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}

/** The process, or the system, has as many files open as it may. */
export const isShortOfHandles = (code: string): boolean => code === 'EMFILE' || code === 'ENFILE'
