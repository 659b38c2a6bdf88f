/** Which output the configuration asks for. Only that one is loaded: the others' libraries would stay in memory. */
import type { Config } from './config/options.js'
import type { AgentStream } from './delivery/agent-stream.js'
import type { Output } from './model.js'

/**
 * @param warn takes what an operator should know although delivery goes on
 * @param options `doubtAll`: everything may be stored already, so all of it is looked up where that is allowed; `info` takes
 *   what an operator may like to know
 */
export async function createOutput(
  config: Config,
  warn: (message: string) => void,
  { doubtAll = false, info = () => {} }: { readonly doubtAll?: boolean; readonly info?: (message: string) => void } = {},
): Promise<Output> {
  if (config.elasticsearch !== undefined) {
    const { createElasticsearchOutput } = await import('./delivery/elasticsearch.js')
    return createElasticsearchOutput(config.elasticsearch, { warn, info, doubtAll })
  }
  if (config.ndjson === undefined) {
    const { openStoreOutput } = await import('./store/output.js')
    return openStoreOutput(config.local)
  }
  const { createNdjsonFileOutput, createNdjsonStreamOutput } = await import('./delivery/ndjson.js')
  const { file } = config.ndjson
  return file === '-' ? createNdjsonStreamOutput(process.stdout, 'standard output') : createNdjsonFileOutput(file)
}

/** @throws ShipperError where a secret or an authority cannot be read, with which the output would only be held up */
export async function checkOutputFiles({ elasticsearch }: Config): Promise<void> {
  if (elasticsearch === undefined) return
  const { checkFiles } = await import('./delivery/client.js')
  await checkFiles(elasticsearch)
}

/** Where the agent's own documents go; undefined: nowhere. */
export async function createAgentStream({ elasticsearch }: Config): Promise<AgentStream | undefined> {
  if (elasticsearch?.agentMetrics !== true) return undefined
  const { openAgentStream } = await import('./delivery/agent-stream.js')
  return openAgentStream(elasticsearch)
}
