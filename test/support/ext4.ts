/** A file system of our own where inodes are used again: a small ext4 in an image, mounted by loop. Needs root. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A reason to skip, or false. */
export const cannotMount = process.getuid?.() !== 0 && 'only root can mount a file system: sudo npx tap test/faults'

/** @returns its root; it is unmounted and removed at the end of the test */
export function mountExt4(t: Test, megabytes = 8): string {
  const directory = mkdtempSync(join(tmpdir(), 'ext4-'))
  const image = `${directory}.img`
  writeFileSync(image, '')
  truncateSync(image, megabytes * 2 ** 20)
  execFileSync('mkfs.ext4', ['-q', image])
  execFileSync('mount', ['-o', 'loop', image, directory])
  t.teardown(() => {
    execFileSync('umount', [directory])
    rmSync(directory, { recursive: true })
    rmSync(image)
  })
  return directory
}
