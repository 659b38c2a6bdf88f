/** Files that were followed when the last run ended, and are nowhere now: what was written to them in between, nobody can say. */
import { basename } from 'node:path'
import type { SavedGeneration } from '../model.js'
import { readName } from './names.js'
import type { SeenFile } from './scan.js'

export class Gone {
  #perhaps: readonly SavedGeneration[]

  constructor(saved: readonly SavedGeneration[]) {
    // All that were there at the last look have its time. Rotated copies had nothing new, and go in their time.
    const lastMs = Math.max(...saved.map(({ seenMs }) => seenMs))
    this.#perhaps = saved.filter(({ seenMs, path }) => seenMs === lastMs && readName(basename(path))?.rotation === '')
  }

  /**
   * Those that are gone for certain; each is told once. One that was cut in place is not gone.
   * @param isAll false while some files could not be looked at
   */
  take(unclaimed: readonly SavedGeneration[], files: readonly SeenFile[], isAll: boolean): readonly SavedGeneration[] {
    const isCut = (one: SavedGeneration): boolean => files.some(({ id, path }) => id === one.id && path === one.path)
    const gone = this.#perhaps.filter(one => unclaimed.includes(one) && !isCut(one))
    this.#perhaps = isAll ? [] : gone
    return isAll ? gone : []
  }
}
