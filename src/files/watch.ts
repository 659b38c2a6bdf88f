/**
 * Hints that something changed below the log directories. A hint is an invalidation, never the truth: chokidar goes blind when a
 * directory is renamed away or absent at the start, says nothing of unreadable files, and shows a truncated and regrown file as
 * one change. So whoever listens looks for itself, and looks every few seconds without any hint.
 */
import type { Stats } from 'node:fs'
import { watch as watchFiles } from 'chokidar'
import type { FileId } from '../model.js'

export interface Watch {
  close(): Promise<void>
}

/** chokidar tells of a file's first change and then drops all others for 50 ms: what they were is asked once more after that. */
const ECHO_MS = 60

/**
 * @param onChange a file that grew, or whatever else happened to it: one that was deleted and made anew is a change too, with
 * another id  @param onRename files came, went or were renamed
 */
export function watch(directories: readonly string[], onChange: (path: string, id: FileId) => void, onRename: () => void): Watch {
  const echoes = new Map<string, NodeJS.Timeout>()
  const watcher = watchFiles([...directories], {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
    alwaysStat: true,
  })
  const echo = (path: string, id: FileId): void => {
    echoes.delete(path)
    onChange(path, id)
  }
  watcher
    .on('change', (path, stats) => {
      const id = idOf(stats)
      onChange(path, id)
      if (!echoes.has(path)) echoes.set(path, setTimeout(echo, ECHO_MS, path, id))
    })
    .on('add', onRename)
    .on('unlink', onRename)
    .on('addDir', onRename)
    .on('unlinkDir', onRename)
    .on('error', () => {}) // no more hints from there; the rescan sees what there is to see
  return {
    async close() {
      await watcher.close()
      for (const timer of echoes.values()) clearTimeout(timer)
    },
  }
}

const idOf = (stats: Stats | undefined): FileId => `${stats?.dev}:${stats?.ino}`
