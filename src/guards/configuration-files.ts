/** The files that Mailman loads when it starts, as configured: one file, or those below a directory. Contents are only hashed. */
import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { hashPart, openRegular, type Signature, signatureOf } from './contents.js'
import { codeOf } from './guard.js'

const MAX_FILES = 2_000
const MAX_DEPTH = 8
const MAX_BYTES = 4 * 2 ** 20
/** Templates and pages are read when they are used, so a change of them never waits. */
const LOADED_AT_START = /^[^.].*\.(?:py|cfg|conf|ini)$/

export interface FoundFile {
  /** Below the configured path; its last part where that is a file. */
  readonly name: string
  readonly path: string
  readonly signature: Signature
}

export interface Found {
  readonly files: readonly FoundFile[]
  /** False: there may be more. */
  readonly isWhole: boolean
  /** Paths that cannot be looked at, and why. */
  readonly blocked: readonly { readonly path: string; readonly code: string }[]
}

/**
 * A symbolic link is followed where it is what was configured (Debian's mm_cfg.py, a deployment's `current`), never below. Then the
 * change of the link is a change of the files.
 */
export async function findFiles(path: string): Promise<Found> {
  const files: FoundFile[] = []
  const blocked: { path: string; code: string }[] = []
  const walk = async (directory: string, root: string, sinceMs: number, depth: number): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
      blocked.push({ path: directory, code: codeOf(error) })
      return []
    })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (files.length > MAX_FILES) return
      const below = join(directory, entry.name)
      if (entry.isDirectory() && depth < MAX_DEPTH && !entry.name.startsWith('.')) await walk(below, root, sinceMs, depth + 1)
      if (entry.isFile() && LOADED_AT_START.test(entry.name)) await add(below, relative(root, below), sinceMs)
    }
  }
  const add = async (file: string, name: string, sinceMs: number): Promise<void> => {
    // Gone between the two looks: it will be seen to be gone.
    const stats = await lstat(file).catch(() => undefined)
    if (stats === undefined || !stats.isFile()) return
    const signature = signatureOf(stats)
    files.push({ name, path: file, signature: { ...signature, ctimeMs: Math.max(signature.ctimeMs, sinceMs) } })
  }
  try {
    const link = await lstat(path)
    const real = link.isSymbolicLink() ? await realpath(path) : path
    const sinceMs = link.isSymbolicLink() ? link.ctimeMs : 0
    if ((await lstat(real)).isDirectory()) await walk(real, real, sinceMs, 1)
    else await add(real, basename(path), sinceMs)
  } catch (error) {
    blocked.push({ path, code: codeOf(error) })
  }
  if (files.length > MAX_FILES) blocked.push({ path, code: 'TOO_MANY' })
  return { files: files.slice(0, MAX_FILES), isWhole: blocked.length === 0, blocked }
}

/** @throws the system's error; TOO_LARGE where it is no configuration any more */
export async function hashFile({ path, signature }: FoundFile): Promise<string> {
  if (signature.size > MAX_BYTES) throw Object.assign(new Error('too large'), { code: 'TOO_LARGE' })
  const handle = await openRegular(path)
  try {
    return await hashPart(handle, 0, MAX_BYTES)
  } finally {
    await handle.close()
  }
}
