/**
 * Hints that something changed in the log directories. A hint is an invalidation, never the truth: chokidar goes blind when a
 * directory is renamed away or absent at the start, and the system drops hints when there are too many. So whoever listens looks for
 * itself, and looks every few seconds without any hint.
 */
import { resolve } from 'node:path'
import { FSWatcher } from 'chokidar'

export interface Watch {
  close(): Promise<void>
}

/**
 * chokidar reads a directory, and asks for each file in it, whenever one of them grows: 6,000 system calls a second where a hundred
 * lines are written. What it would find out, we find out ourselves; so it watches directories and never reads them.
 */
class DirectoryWatcher extends FSWatcher {
  override _readdirp(): undefined {}
}

/** @param onChange a file grew, or something else was done to it  @param onRename a name came, went, or is another file's now */
export function watch(directories: readonly string[], onChange: (path: string) => void, onRename: () => void): Watch {
  const places = new Set(directories.map(directory => resolve(directory)))
  const watcher = new DirectoryWatcher({ depth: 0, ignoreInitial: true, ignorePermissionErrors: true })
  watcher
    .on('raw', (event, name, details) => {
      const place = resolve(placeOf(details))
      if (event !== 'change') onRename()
      else if (places.has(place)) onChange(resolve(place, name ?? '')) // else it is above a directory that is not there yet
    })
    .on('addDir', onRename)
    .on('error', () => {}) // no more hints from there; the next look sees what there is to see
    .add([...directories])
  return { close: () => watcher.close() }
}

/** The system names a file without its directory; which one that is, chokidar adds. */
const placeOf = (details: unknown): string => (details as { readonly watchedPath: string }).watchedPath
