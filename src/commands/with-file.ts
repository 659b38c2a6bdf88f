/** The embedded store for one question; apart from with-store.ts, so that who has no cluster need not load its client. */
import { ShipperError } from '../errors.js'
import type { EventStore } from '../store/query.js'
import { openSqliteStore } from '../store/sqlite-query.js'

/** @throws ShipperError for all trouble with the store */
export async function withFile<T>(file: string, ask: (store: EventStore) => Promise<T>): Promise<T> {
  const store = openSqliteStore(file)
  try {
    return await ask(store)
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (typeof code !== 'string' || !code.startsWith('SQLITE_')) throw error
    throw new ShipperError('MLS_STORE_UNREADABLE', `${file} (${code})`)
  } finally {
    await store.close()
  }
}
