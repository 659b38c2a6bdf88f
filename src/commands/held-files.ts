/** What waits in Mailman 2.1: the names of held messages in its data directory and when they were written. The files are not opened. */
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ShipperError } from '../errors.js'
import { heldNameOf } from '../guards/held-name.js'
import type { Waiting } from './held-waiting.js'

/** @throws ShipperError MLS_HELD_UNREADABLE */
export async function readHeldFiles(directory: string): Promise<Waiting[]> {
  const waiting: Waiting[] = []
  try {
    for await (const { name } of await opendir(directory)) {
      const held = heldNameOf(name)
      if (held === undefined) continue
      // Decided on meanwhile.
      const heldMs = await stat(join(directory, name)).then(({ mtimeMs }) => mtimeMs, unlessMissing)
      if (heldMs === undefined) continue
      const unknown = { fqdn: undefined, listId: undefined, messageId: undefined, sender: undefined }
      waiting.push({
        ...unknown,
        mailman: '2.1',
        ...held,
        heldMs,
        subject: undefined,
        reasonText: undefined,
      })
    }
  } catch (error) {
    throw new ShipperError('MLS_HELD_UNREADABLE', `${directory} (${(error as NodeJS.ErrnoException).code ?? 'unknown trouble'})`)
  }
  return waiting
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
