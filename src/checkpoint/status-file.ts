/** What the agent says of itself, for `status`: a file in the state directory, replaced as a whole. It may be lost at any time. */
import { open, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentStatus } from '../diagnostics/status.js'

export type { AgentStatus, FileStatus } from '../diagnostics/status.js'

const NAME = 'status.json'

/** @throws the system's error */
export async function writeStatus(directory: string, status: AgentStatus): Promise<void> {
  const path = join(directory, NAME)
  const text = JSON.stringify(status)
  try {
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (error) {
    await unlink(`${path}.new`).catch(() => {}) // on a full disk the checkpoint needs its place (F30)
    if (!(await overwrite(path, text).catch(() => false))) throw error
  }
}

/** On a full disk: into the place that the last status has already. Who reads at this moment sees half of it, and tries again. */
async function overwrite(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'r+')
  try {
    const { blocks } = await file.stat()
    if (Buffer.byteLength(text) > blocks * 512) return false
    await file.writeFile(text)
    await file.truncate(Buffer.byteLength(text))
    return true
  } finally {
    await file.close()
  }
}

/** What an older version does not tell of itself. */
const untold = {
  troubles: [],
  moments: [],
  events: {},
  setAsideReasons: {},
  delivery: { requests: 0, retries: {} },
  troubleSeconds: {},
  losses: { lostBytes: 0, goneFiles: 0, holeBytes: 0 },
  checkpoint: { writtenAt: null, failures: 0 },
  openFiles: 0,
}

/** The last status written, or undefined. */
export async function readStatus(directory: string): Promise<AgentStatus | undefined> {
  for (let tries = 0; tries < 5; tries++)
    try {
      return { ...untold, ...JSON.parse(await readFile(join(directory, NAME), 'utf8')) }
    } catch (error) {
      if (!(error instanceof SyntaxError)) return undefined
    }
  return undefined
}
