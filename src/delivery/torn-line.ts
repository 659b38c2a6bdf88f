/** Files that we append lines to: where the last whole one ends. What stands behind it was torn by a crash, and never settled. */
import type { FileHandle } from 'node:fs/promises'
import { readAt } from './set-aside-file.js'

const STEP_BYTES = 65_536

/** The offset behind the last newline; 0 where there is none. */
export async function endOfLines(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - STEP_BYTES)
    const found = (await readAt(file, start, end)).lastIndexOf(10)
    if (found >= 0) return start + found + 1
    end = start
  }
  return 0
}
