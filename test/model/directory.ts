/** Where a program is played. */
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const disk = tmpdir()
const memory = existsSync('/dev/shm') ? '/dev/shm' : disk

/** Logs where inodes are used again; the checkpoint where syncing is no work, for the power stays on here. */
export async function inDirectories(work: (logs: string, state: string) => Promise<void>): Promise<void> {
  const [logs, state] = [disk, memory].map(place => mkdtempSync(join(place, 'model-'))) as [string, string]
  chmodSync(logs, 0o755)
  try {
    await work(logs, state)
  } finally {
    rmSync(logs, { recursive: true })
    rmSync(state, { recursive: true })
  }
}
