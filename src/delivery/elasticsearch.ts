/**
 * The Elasticsearch output: one batch → one `_bulk` request → an outcome for each document, or one hold-up for all.
 *
 * It sends once and never retries, whoever calls does; but where one node of several fails, another is asked at once, and that one
 * rests (F61). Nothing is acknowledged unless the answer is an object with one recognised item for each document sent (F51). It writes
 * nothing before the index template is seen to be there, and nothing that a backing index holds already (F59).
 */
import type { ElasticsearchConfig } from '../config/options.js'
import type { Answer, Batch, LogEvent, Output, WriteIndexes } from '../model.js'
import { readAnswer } from './answer.js'
import { bulkHeaders, bulkQuery, type Connection, connect, requestTimeoutMs } from './client.js'
import { compress } from './compress.js'
import { type Deadline, startDeadline } from './deadline.js'
import { Lookup, weave } from './lookup.js'
import { Nodes } from './nodes.js'
import { partOf } from './part.js'
import { nodeOf, Via } from './pool.js'
import { findTemplate } from './template-check.js'
import { readTrouble } from './trouble.js'

/** Hold-ups that, once every node had its turn, make all begin anew: key and authority are read, the version is asked again. */
const renewing = new Set<string>(['MLS_OUTPUT_AUTH', 'MLS_OUTPUT_TLS', 'MLS_OUTPUT_NOT_ELASTICSEARCH', 'MLS_OUTPUT_SERVER'])
/** Hold-ups after which the template is looked for again. */
const doubting = new Set<string>(['MLS_OUTPUT_TEMPLATE', 'MLS_OUTPUT_FORBIDDEN', 'MLS_OUTPUT_SERVER'])

/** Hold-ups that another node may not know of. */
const ofNode = new Set<string>([
  'MLS_OUTPUT_UNREACHABLE',
  'MLS_OUTPUT_TIMEOUT',
  'MLS_OUTPUT_TLS',
  'MLS_OUTPUT_BUSY',
  'MLS_OUTPUT_NOT_ELASTICSEARCH',
  'MLS_OUTPUT_SERVER',
])

export interface ElasticsearchOutput extends Output {
  /** What was negotiated at the last start, for the log and `status`; undefined before the first request. */
  readonly server: { readonly version: string | undefined; readonly compatibility: 8 | 9 } | undefined
}

export interface OutputOptions {
  /** Takes what an operator should know although delivery goes on. Each text is said once. */
  readonly warn: (message: string) => void
  /** Takes what an operator may like to know. */
  readonly info?: (message: string) => void
  /** Default: 5 s for the first rest of a node that failed. */
  readonly restMs?: number
  /** Default: 30 s for the whole of a request. */
  readonly timeoutMs?: number
  /** Everything may be stored already, whatever a batch says of itself: for reading old logs again. Default: false. */
  readonly doubtAll?: boolean
}

/** Stored at any time. */
const ANY_TIME: readonly WriteIndexes[] = [new Map()]
const NONE: ReadonlySet<number> = new Set()

export function createElasticsearchOutput(
  config: ElasticsearchConfig,
  { warn, info, restMs, timeoutMs = requestTimeoutMs, doubtAll = false }: OutputOptions,
): ElasticsearchOutput {
  const prefixes = new Map<string, string>()
  const said = new Set<string>()
  const nodes = new Nodes(config.nodes, { warn, ...(info && { info }), ...(restMs && { restMs }) })
  let connection: Connection | undefined
  let connecting: Promise<Connection> | undefined
  let server: ElasticsearchOutput['server']
  let isTemplateSeen = false
  let troubles = 0

  const warnOnce = (message: string): void => {
    if (said.has(message)) return
    said.add(message)
    warn(message)
  }
  const lookup = new Lookup(config.namespace, warnOnce)

  async function drop(): Promise<void> {
    const old = connection
    connection = undefined
    connecting = undefined
    troubles = 0
    lookup.forget()
    // Whoever closed it has its requests fail; nothing waits for them.
    await old?.close().catch(() => {})
  }

  async function send(batch: Batch, deadline: Deadline, via: Via): Promise<Answer> {
    const { signal } = deadline
    // Several batches may begin at once; they share one connection.
    connecting ??= connect(config, { signal, nodes })
    const mine = await connecting.catch(error => {
      connecting = undefined
      throw error
    })
    connection = mine
    server = { version: mine.version, compatibility: mine.compatibility }
    const { client } = mine
    if (!isTemplateSeen) {
      const found = await findTemplate(client, signal)
      if (found === 'missing')
        return { holdUp: { code: 'MLS_OUTPUT_TEMPLATE', detail: `none at ${config.nodes.length} node(s)` } }
      if (found === 'foreign')
        warnOnce('the index template logs-mailman is not ours: fields may get other types; `mailman-shipper setup` tells more')
      if (found === 'hidden')
        warnOnce('the key may not look at the index template logs-mailman (it lacks `monitor`): hopefully it is there')
      isTemplateSeen = true
    }
    const doubts = doubtAll ? ANY_TIME : batch.doubts
    const found = doubts === undefined ? NONE : await lookup.find(client, batch, doubts, deadline)
    const rest =
      found.size === 0
        ? batch
        : partOf(
            batch,
            [...batch.starts.keys()].filter(place => !found.has(place)),
          )
    const answer = rest.starts.length === 0 ? { outcomes: [] } : await sendBulk(mine, rest, signal, via)
    return weave(answer, found, batch.starts.length)
  }

  async function sendBulk(mine: Connection, batch: Batch, signal: AbortSignal, via: Via): Promise<Answer> {
    const isGzip = config.compression === 'gzip'
    const body = isGzip ? await compress(batch.body) : batch.body
    // Not `client.bulk`: it would put the same query together each time, and describe the request to whoever traces it.
    const request = { method: 'POST', path: '/_bulk', querystring: bulkQuery, bulkBody: body }
    const answer: unknown = await mine.client.transport.request(request, {
      signal,
      headers: bulkHeaders(mine, isGzip),
      context: { via },
    })
    const read = readAnswer(answer, batch, warnOnce)
    // What is said of each document says nothing of the node.
    if ('holdUp' in read && read.holdUp.code !== 'MLS_OUTPUT_NOT_ELASTICSEARCH') via.node = undefined
    return read
  }

  /** @returns with the answer, whether it speaks of one node only, which rests now */
  async function tryOne(batch: Batch, signal: AbortSignal): Promise<{ readonly answer: Answer; readonly isOfNode: boolean }> {
    const deadline = startDeadline(signal, timeoutMs)
    let answer: Answer
    const via = new Via()
    try {
      answer = await send(batch, deadline, via)
    } catch (error) {
      via.node ??= nodeOf(error)
      const { holdUp } = await readTrouble(error, config.caFile)
      answer = {
        holdUp: deadline.isOver() ? { code: 'MLS_OUTPUT_TIMEOUT', detail: `no whole answer within ${timeoutMs} ms` } : holdUp,
      }
    } finally {
      deadline.end()
    }
    if (!('holdUp' in answer)) {
      troubles = 0
      if (via.node !== undefined) nodes.took(via.node)
      return { answer, isOfNode: false }
    }
    const { code, detail } = answer.holdUp
    if (renewing.has(code)) troubles++
    if (troubles >= config.nodes.length) await drop()
    if (doubting.has(code)) isTemplateSeen = false
    if (via.node === undefined || signal.aborted || !ofNode.has(code)) return { answer, isOfNode: false }
    nodes.failed(via.node, detail)
    return { answer, isOfNode: true }
  }

  async function write(batch: Batch, signal: AbortSignal): Promise<Answer> {
    const since = lookup.writeIndexes ?? new Map()
    const until = performance.now() + 2 * timeoutMs
    let mine = batch
    for (let tries = 1; ; tries++) {
      const { answer, isOfNode } = await tryOne(mine, signal)
      if (!('holdUp' in answer) || !isOfNode) return answer
      // Where one hangs after another, whoever waits is told before all had their turn.
      if (tries >= config.nodes.length || !nodes.isAnyWell || performance.now() >= until) return answer
      // It may be stored all the same.
      if (answer.holdUp.code !== 'MLS_OUTPUT_BUSY') mine = { ...mine, doubts: mine.doubts ?? [since] }
    }
  }

  return {
    name: 'elasticsearch',
    get server() {
      return server
    },
    get writeIndexes() {
      return lookup.writeIndexes
    },
    prefix(event: LogEvent): string {
      let start = prefixes.get(event.dataset)
      if (start === undefined) {
        start = `{"create":{"_index":${JSON.stringify(`logs-${event.dataset}-${config.namespace}`)},"_id":"`
        prefixes.set(event.dataset, start)
      }
      return `${start}${event.id}"}}\n`
    },
    write,
    close: drop,
  }
}
