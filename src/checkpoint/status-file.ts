/** What the agent says of itself, for `status`: a file in the state directory, replaced as a whole. It may be lost at any time. */
import { readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FileStatus {
  readonly log: string
  readonly path: string
  /** `present`, `deleted` or `lost` (files/generation.ts). */
  readonly state: string
  readonly compressed: boolean
  /** Bytes that are settled. */
  readonly offset: number
  readonly size: number
  readonly lagBytes: number
  /** How long it has not been wholly settled; 0: it is. */
  readonly lagSeconds: number
}

export interface AgentStatus {
  readonly at: string
  readonly startedAt: string
  readonly pid: number
  readonly version: string
  readonly output: string
  readonly holdUp: { readonly code: string; readonly detail: string; readonly since: string } | null
  /** Places that cannot be read, with the system's code. */
  readonly blocked: readonly { readonly path: string; readonly code: string }[]
  readonly lastDeliveryAt: string | null
  /** Since the start. */
  readonly counts: { readonly stored: number; readonly duplicates: number; readonly setAside: number }
  readonly files: readonly FileStatus[]
}

const NAME = 'status.json'

export async function writeStatus(directory: string, status: AgentStatus): Promise<void> {
  const path = join(directory, NAME)
  try {
    await writeFile(`${path}.new`, JSON.stringify(status), { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (error) {
    await unlink(`${path}.new`).catch(() => {}) // on a full disk the checkpoint needs its place (F30)
    throw error
  }
}

/** The last status written, or undefined. */
export async function readStatus(directory: string): Promise<AgentStatus | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, NAME), 'utf8'))
  } catch {
    return undefined
  }
}
