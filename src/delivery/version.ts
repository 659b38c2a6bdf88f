/**
 * Which version answers: every node is asked at once, so that none that is down, or hangs, keeps the others waiting; those that did
 * not answer begin with a rest. While a cluster is upgraded the lowest version counts: the newer nodes speak its language too.
 */
import { ShipperError } from '../errors.js'
import { Client } from './elastic.js'
import type { Nodes } from './nodes.js'
import { readTrouble, type Trouble } from './trouble.js'

type ClientOptions = ConstructorParameters<typeof Client>[0]

/** What the slowest node gets beyond the first one that answered. */
const GRACE_MS = 2_000

interface Answer {
  readonly node: URL
  readonly version: string | undefined
  readonly trouble: Trouble | undefined
}

/**
 * @returns undefined where the server does not tell
 * @throws ShipperError where no node gives an answer of Elasticsearch
 */
export async function askVersion(
  urls: readonly string[],
  options: ClientOptions,
  {
    nodes,
    caFile,
    signal,
  }: { readonly nodes: Nodes; readonly caFile: string | undefined; readonly signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  signal?.addEventListener('abort', end, { once: true })
  let timer: NodeJS.Timeout | undefined
  const asking = urls.map(async url => {
    const answer = await ask(url, options, caFile, ended.signal)
    if (answer.trouble === undefined) timer ??= setTimeout(end, GRACE_MS)
    return answer
  })
  const answers = await Promise.all(asking)
  clearTimeout(timer)
  signal?.removeEventListener('abort', end)
  const good = answers.filter(({ trouble }) => trouble === undefined)
  const bad = answers.flatMap(({ node, trouble }) => (trouble === undefined ? [] : [{ node, ...trouble }]))
  if (good.length === 0) {
    // What was said tells more than that nothing was.
    const { code, detail } = (bad.find(({ status }) => status !== undefined) ?? bad[0]!).holdUp
    throw new ShipperError(code, detail)
  }
  for (const { node, holdUp } of bad) nodes.failed(node, ended.signal.aborted ? 'does not answer' : holdUp.detail)
  return good
    .flatMap(({ version }) => version ?? [])
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .at(0)
}

async function ask(url: string, options: ClientOptions, caFile: string | undefined, signal: AbortSignal): Promise<Answer> {
  const node = new URL(url)
  // Understood by every version, which is the point: the vendored types are not known to be before it has answered.
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const client = new Client({ ...options, nodes: [url], headers })
  try {
    return { node, version: readVersion(await client.info({}, { signal })), trouble: undefined }
  } catch (error) {
    const trouble = await readTrouble(error, caFile)
    // 403: the key lacks `monitor`. 400 and 404: something before the server hides this address. Neither stops a bulk.
    const isHidden = [400, 403, 404].includes(trouble.status ?? 0) && trouble.isElasticsearch
    return { node, version: undefined, trouble: isHidden ? undefined : trouble }
  } finally {
    await client.close()
  }
}

/** @throws ShipperError where the answer is of something else */
function readVersion(info: unknown): string | undefined {
  const number = (info as { version?: { number?: unknown } } | null | undefined)?.version?.number
  if (typeof number === 'string' && /^\d+\.\d+\.\d+[\w.-]{0,30}$/.test(number)) return number
  throw new ShipperError('MLS_OUTPUT_NOT_ELASTICSEARCH', 'GET / answered without a version')
}
