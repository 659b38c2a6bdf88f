/** Deletes events from the one store of a configuration; all trouble becomes a sentence. */
import type { Config } from '../config/options.js'
import { connect } from '../delivery/client.js'
import { eraseDocuments } from '../delivery/erase.js'
import { readTrouble } from '../delivery/trouble.js'
import { ShipperError } from '../errors.js'
import { compact, eraseEvents } from '../store/erase.js'

export interface Site {
  /** For people: a file, or Elasticsearch with its namespace. */
  readonly name: string
  /** With this one store only. */
  readonly config: Config
}

/** @returns how many documents were deleted @throws ShipperError */
export async function eraseFromStore({ elasticsearch, local }: Config, ids: readonly string[]): Promise<number> {
  if (elasticsearch === undefined) {
    try {
      return eraseEvents(local.file, ids)
    } catch (error) {
      throw troubleOf(error, local.file)
    }
  }
  const connection = await connect(elasticsearch)
  try {
    return await eraseDocuments(connection.client, elasticsearch.namespace, ids)
  } catch (error) {
    const { holdUp, status } = await readTrouble(error, elasticsearch.caFile)
    throw new ShipperError(status === 403 ? 'MLS_ERASE_FORBIDDEN' : holdUp.code, holdUp.detail)
  } finally {
    await connection.close()
  }
}

/** @returns what is left in the embedded store's files, a sentence each */
export async function compactFile({ config: { elasticsearch, local } }: Site): Promise<string[]> {
  if (elasticsearch !== undefined) return []
  try {
    if (await compact(local.file)) return []
    return [`Old pages in ${local.file}-wal: somebody is reading all the time; it is emptied when the agent stops.`]
  } catch (error) {
    const { detail } = troubleOf(error, local.file)
    return [
      `Words of what was erased, in free pages of the file, which could not be written anew: ${detail}. Erase once more when it can.`,
    ]
  }
}

function troubleOf(error: unknown, file: string): ShipperError {
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string') throw error
  const isForbidden = /^(?:EACCES|EPERM|EROFS|SQLITE_READONLY\w*)$/.test(code)
  return new ShipperError(isForbidden ? 'MLS_ERASE_FORBIDDEN' : 'MLS_STORE_UNWRITABLE', `${file} (${code})`)
}
