/**
 * Elasticsearch for the page: one client for all questions, where a command makes one for itself. To connect is to ask for the
 * server's version too, and a handshake each: near half of what a question took.
 */
import type { ElasticsearchConfig } from '../config/options.js'
import { type Connection, connect } from '../delivery/client.js'
import { openClusterStore } from '../store/cluster-query.js'
import type { EventStore } from '../store/query.js'
import { refusalOf } from './with-store.js'

interface Opened {
  readonly connection: Promise<Connection>
  asking: number
}

export class WebCluster {
  readonly #config: ElasticsearchConfig
  #open: Opened | undefined

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  /** @throws ShipperError */
  async ask<T>(work: (store: EventStore) => Promise<T>): Promise<T> {
    this.#open ??= { connection: connect(this.#config), asking: 0 }
    const open = this.#open
    open.asking++
    try {
      const { client } = await open.connection
      return await work(openClusterStore(client, this.#config.namespace))
    } catch (error) {
      // The next question connects anew: the key may have been renewed, or a server of another version answer.
      if (this.#open === open) this.#open = undefined
      throw await refusalOf(error, this.#config)
    } finally {
      open.asking--
      if (this.#open !== open && open.asking === 0) await letGo(open)
    }
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open !== undefined) await letGo(open)
  }
}

async function letGo({ connection }: Opened): Promise<void> {
  const opened = await connection.catch(() => undefined)
  await opened?.close()
}
