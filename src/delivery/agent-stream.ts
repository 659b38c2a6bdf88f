/**
 * Writes the agent's own documents, beside the events and never in their way: a connection of its own, one try, a short time for it,
 * nothing kept. Whoever calls tells of it.
 */
import type { ElasticsearchConfig } from '../config/options.js'
import { ShipperError } from '../errors.js'
import { type Connection, connect } from './client.js'
import { startDeadline } from './deadline.js'
import { agentStream, agentTemplateName } from './template.js'
import { findTemplate } from './template-check.js'
import { readTrouble } from './trouble.js'

/** Connecting included. */
const TIMEOUT_MS = 5_000

export interface AgentStream {
  /** @returns undefined: it is stored; else why not, for people: no document, no secret. Never rejects. `signal` gives it up. */
  write(document: object, signal: AbortSignal): Promise<string | undefined>
  close(): Promise<void>
}

/** @param options `timeoutMs` for the whole of a try */
export function openAgentStream(
  config: ElasticsearchConfig,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): AgentStream {
  const index = agentStream(config.namespace)
  let connection: Connection | undefined

  async function send(document: object, signal: AbortSignal): Promise<void> {
    if (connection === undefined) {
      const made = await connect(config, { signal })
      connection = made
      // Elastic's own metrics-*-* would take it and guess the types.
      if ((await findTemplate(made.client, signal, agentTemplateName)) === 'missing')
        throw new ShipperError('MLS_OUTPUT_TEMPLATE', `the index template ${agentTemplateName} is missing`)
    }
    await connection.client.index({ index, op_type: 'create', require_data_stream: true, document }, { signal })
  }

  async function close(): Promise<void> {
    const old = connection
    connection = undefined
    await old?.close().catch(() => {})
  }

  return {
    async write(document, signal) {
      const deadline = startDeadline(signal, timeoutMs)
      try {
        await send(document, deadline.signal)
        return undefined
      } catch (error) {
        const { holdUp } = await readTrouble(error, config.caFile)
        // With the next one all begins anew: key and authority are read, the version and the template asked for.
        await close()
        return deadline.isOver() ? `no whole answer within ${timeoutMs} ms` : holdUp.detail
      } finally {
        deadline.end()
      }
    },
    close,
  }
}
