/** Batches and configurations for tests of outputs: small real documents, as the pipeline would make them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ElasticsearchConfig } from '../../src/config/options.js'
import type { Batch, LogEvent, Output } from '../../src/model.js'

export interface TestDocument {
  readonly id: string
  readonly dataset?: string
  /** Merged over the default document; a string is the document itself. */
  readonly document?: object | string
}

export function makeBatch(output: Output, documents: readonly TestDocument[]): Batch {
  const parts: Buffer[] = []
  const starts: number[] = []
  const at: number[] = []
  let length = 0
  const push = (text: string): void => {
    const bytes = Buffer.from(text)
    parts.push(bytes)
    length += bytes.length
  }
  for (const { id, dataset = 'mailman.vette', document = {} } of documents) {
    const whole =
      typeof document === 'string'
        ? document
        : JSON.stringify({ '@timestamp': '2026-01-02T03:04:05.678Z', 'event.id': id, ...document })
    const event: LogEvent = { id, dataset, timestampMs: 0, offset: 0, pattern: undefined, values: [], tags: [], document: whole }
    starts.push(length)
    push(output.prefix(event))
    at.push(length)
    push(`${whole}\n`)
  }
  return { body: Buffer.concat(parts), starts, documents: at }
}

export function makeConfig(nodes: string | readonly string[], more: Partial<ElasticsearchConfig> = {}): ElasticsearchConfig {
  return {
    nodes: typeof nodes === 'string' ? [nodes] : nodes,
    apiKeyFile: undefined,
    username: undefined,
    passwordFile: undefined,
    caFile: undefined,
    compression: 'gzip',
    namespace: 'default',
    agentMetrics: true,
    ...more,
  }
}

/** A file that only its owner may read. */
export function writeSecret(directory: string, name: string, secret: string): string {
  const path = join(directory, name)
  writeFileSync(path, `${secret}\n`, { mode: 0o600 })
  return path
}
