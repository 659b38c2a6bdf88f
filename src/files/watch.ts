/**
 * Hints that something changed below the log directories. A hint is an invalidation, never the truth: chokidar goes blind when a
 * directory is renamed away or absent at the start, says nothing of unreadable files, and shows a truncated and regrown file as
 * one change. So whoever listens looks for itself, and looks every few seconds without any hint.
 */
import { watch as watchFiles } from 'chokidar'

export interface Watch {
  close(): Promise<void>
}

/** @param onChange a file that grew, or whatever else happened to it  @param onRename files came, went or were renamed */
export function watch(directories: readonly string[], onChange: (path: string) => void, onRename: () => void): Watch {
  const watcher = watchFiles([...directories], {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
  })
  watcher
    .on('change', path => onChange(path))
    .on('add', onRename)
    .on('unlink', onRename)
    .on('addDir', onRename)
    .on('unlinkDir', onRename)
    .on('error', () => {}) // no more hints from there; the rescan sees what there is to see
  return { close: () => watcher.close() }
}
