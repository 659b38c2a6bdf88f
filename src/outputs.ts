/** Which output the configuration asks for. */
import { createWriteStream } from 'node:fs'
import type { Config } from './config/options.js'
import { createElasticsearchOutput } from './delivery/elasticsearch.js'
import { createNdjsonOutput } from './delivery/ndjson.js'
import type { Output } from './model.js'
import { createStoreOutput } from './store/output.js'

/** @param warn takes what an operator should know although delivery goes on */
export function createOutput(config: Config, warn: (message: string) => void): Output {
  if (config.elasticsearch !== undefined) return createElasticsearchOutput(config.elasticsearch, { warn })
  if (config.ndjson === undefined) return createStoreOutput(config.local)
  const { file } = config.ndjson
  if (file === '-') return createNdjsonOutput(process.stdout, 'standard output')
  return createNdjsonOutput(createWriteStream(file, { flags: 'a', mode: 0o600 }), file)
}
