/** The store that the configuration names, for commands that ask: Elasticsearch where it is configured, else the embedded one. */
import type { Config, ElasticsearchConfig } from '../config/options.js'
import { connect } from '../delivery/client.js'
import { readTrouble } from '../delivery/trouble.js'
import { ShipperError } from '../errors.js'
import { openClusterStore } from '../store/cluster-query.js'
import type { EventStore } from '../store/query.js'
import { withFile } from './with-file.js'

/** @throws ShipperError for all trouble with the store: never the client's own error, which holds the request */
export function withStore<T>(config: Config, ask: (store: EventStore) => Promise<T>): Promise<T> {
  return config.elasticsearch === undefined ? withFile(config.local.file, ask) : withCluster(config.elasticsearch, ask)
}

async function withCluster<T>(config: ElasticsearchConfig, ask: (store: EventStore) => Promise<T>): Promise<T> {
  const connection = await connect(config)
  try {
    return await ask(openClusterStore(connection.client, config.namespace))
  } catch (error) {
    throw await refusalOf(error, config)
  } finally {
    await connection.close()
  }
}

/** The client's own error → a sentence. */
export async function refusalOf(error: unknown, config: ElasticsearchConfig): Promise<ShipperError> {
  const { holdUp, status } = await readTrouble(error, config.caFile)
  return new ShipperError(status === 403 ? 'MLS_SEARCH_FORBIDDEN' : holdUp.code, holdUp.detail)
}
