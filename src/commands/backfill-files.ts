/** The files that `backfill` was given: which log each is of, and which come first. */
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { readAnyStamp } from '../../parsers/_mailman3-line.js'
import type { Config } from '../config/options.js'
import { type ErrorCode, fileErrorOf } from '../errors.js'
import { StampReader, Zone } from '../events/stamp.js'
import { readExactly } from '../files/identity.js'
import { compareAge, type LogName, logNameOf, readName } from '../files/names.js'
import { CHUNK_BYTES, type GzipReader, openGzip, openPlain, type Reader } from '../files/read.js'
import { codeOf, type SeenFile } from '../files/scan.js'

export interface NamedFile extends SeenFile {
  /** Somebody may still write to it: it is in a directory that the agent follows, and neither rotated nor compressed. */
  readonly live: boolean
  /** When its first record was written, milliseconds; without any, when the file was changed. */
  readonly firstMs: number
}

/** Takes what cannot be read, or not to its end, and why; the work goes on without it. */
export type Refuse = (code: ErrorCode, path: string, reason: string) => void

/** Who has a rotated file open has written to it by then (files/generation.ts). */
export const QUIET_FILE_MS = 60_000

/** Oldest first, each file once. @param log of all files; default: by each file's name */
export async function findFiles(
  paths: readonly string[],
  log: string | undefined,
  config: Config,
  refuse: Refuse,
): Promise<NamedFile[]> {
  const followed = new Set(await Promise.all(config.logs.directories.map(path => realpath(path).catch(() => path))))
  const stamps = new StampReader(new Zone(config.logs.timezone, config.logs.formerTimezones), 0)
  const extraNames = new Set(config.logs.names)
  const nowMs = Date.now()
  const found = new Map<string, NamedFile>()
  for (const path of paths.map(path => resolve(path))) {
    const name = nameOf(path, log, extraNames)
    if (name === undefined) {
      refuse('MLS_FILE_NAME', path, '')
      continue
    }
    try {
      const seen = await see(path, name)
      if (typeof seen === 'string') refuse('MLS_FILE_MISSING', path, seen)
      else if (!found.has(seen.id)) {
        const isFollowed = followed.has(await realpath(dirname(path)))
        const live = isFollowed && !seen.compressed && (seen.rotation === '' || nowMs - seen.mtimeMs < QUIET_FILE_MS)
        found.set(seen.id, { ...seen, live, firstMs: (await firstInstant(seen, stamps, nowMs)) ?? seen.mtimeMs })
      }
    } catch (error) {
      refuseFor(refuse, path, error)
    }
  }
  return [...found.values()].sort((a, b) => a.firstMs - b.firstMs || compareAge(a, b) || (a.path < b.path ? -1 : 1))
}

/** Reading a file failed. */
export function refuseFor(refuse: Refuse, path: string, error: unknown): void {
  const code = codeOf(error)
  if (code === 'unknown') throw error // a bug: its stack says where
  if (code === 'ESTALE') refuse('MLS_FILE_MISSING', path, 'it was replaced while it was read')
  else refuse(code.startsWith('Z_') ? fileErrorOf(code) : 'MLS_FILE_MISSING', path, code)
}

export async function openFile({ compressed, path, id }: SeenFile): Promise<Reader | GzipReader> {
  return compressed ? openGzip(path, id) : openPlain(path, id)
}

function nameOf(path: string, log: string | undefined, extraNames: ReadonlySet<string>): LogName | undefined {
  const name = basename(path)
  if (log === undefined) return logNameOf(name, extraNames)
  return { log, rotation: readName(name)?.rotation ?? '', compressed: name.endsWith('.gz') }
}

/**
 * Regular files only. A link only to a neighbour, as the agent does: who may write to the directory of the logs could have
 * `backfill …/*` read whatever the caller may.
 */
async function see(path: string, name: LogName): Promise<SeenFile | string> {
  let stats = await lstat(path, { bigint: true })
  if (stats.isSymbolicLink()) {
    const target = await realpath(path)
    if (dirname(target) !== (await realpath(dirname(path))))
      return 'a symbolic link that leads to another directory; name the file itself'
    // The link may point elsewhere by now: what is opened later must be the file that was found to lie here.
    stats = await lstat(target, { bigint: true })
  }
  if (!stats.isFile()) return 'not a regular file'
  return { ...name, path, id: `${stats.dev}:${stats.ino}`, size: Number(stats.size), mtimeMs: Number(stats.mtimeMs) }
}

/** @throws the system's error; what is no whole .gz is told of where it is read */
async function firstInstant(file: SeenFile, stamps: StampReader, nowMs: number): Promise<number | undefined> {
  const reader = await openFile(file)
  try {
    const head = await readExactly(reader, 0, CHUNK_BYTES).catch((error: unknown) => {
      if (codeOf(error).startsWith('Z_')) return Buffer.alloc(0)
      throw error
    })
    for (const line of head.toString('latin1').split('\n')) {
      const stamp = readAnyStamp(line)
      const instant = stamp && stamps.read(stamp, () => nowMs)
      if (instant !== undefined) return instant.ms
    }
    return undefined
  } finally {
    await reader.close()
  }
}
