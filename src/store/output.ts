/**
 * The embedded store as an output. SQLite's calls block, so they run in a thread of their own (worker.ts); this side only
 * passes batches and answers. A thread that dies is a hold-up, and the next batch starts another.
 */
import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { Answer, Batch, HoldUp, LogEvent, Output } from '../model.js'
import { schemaVersion } from './schema.js'
import type { StoreOptions } from './store.js'
import type { Reply, Request, TroubleNews, WorkerData } from './worker.js'

const PRUNE_EVERY_MS = 10 * 60_000
/** Of the thread's own garbage; a third of it is what V8 calls a semi-space. What is to be stored lies outside. */
const YOUNG_MB = 12

/** @param local.keepDays counted from when an event was stored, so that old logs can be read in and looked at. */
export function createStoreOutput(local: StoreOptions, pruneEveryMs = PRUNE_EVERY_MS): Output {
  return new StoreOutput({ ...local, pruneEveryMs })
}

/** The same, over a file that is up to date: whoever asks a store of an older version need not wait until something new is stored. */
export async function openStoreOutput(local: StoreOptions): Promise<Output> {
  const output = new StoreOutput({ ...local, pruneEveryMs: PRUNE_EVERY_MS })
  if (await isOlder(local.file)) await output.renew()
  return output
}

/** By the number in the file's own head (`user_version`, https://sqlite.org/fileformat.html 1.3), which needs no database. */
async function isOlder(file: string): Promise<boolean> {
  const head = Buffer.alloc(64)
  try {
    const handle = await open(file)
    try {
      const { bytesRead } = await handle.read(head, 0, head.length, 0)
      return bytesRead === head.length && head.readUInt32BE(60) < schemaVersion
    } finally {
      await handle.close()
    }
  } catch {
    return false // there is none, or it cannot be read: the next batch says so
  }
}

class StoreOutput implements Output {
  readonly name = 'embedded store'
  readonly #local: WorkerData
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #worker: Worker | undefined
  #next = 0
  #trouble: HoldUp | undefined

  constructor(local: WorkerData) {
    this.#local = local
  }

  /** Old events cannot be removed. */
  get trouble(): HoldUp | undefined {
    return this.#trouble
  }

  /** The id, so that the writer need not read a document that it has already. */
  prefix({ id }: LogEvent): string {
    return `${id} `
  }

  write(batch: Batch, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return Promise.resolve({ holdUp: this.#holdUp('the agent is stopping') })
    return new Promise(resolve => {
      const number = this.#next++
      const abandon = () => finish({ holdUp: this.#holdUp('the agent is stopping') })
      const finish = (answer: Answer) => {
        this.#waiting.delete(number)
        signal.removeEventListener('abort', abandon)
        resolve(answer)
      }
      signal.addEventListener('abort', abandon, { once: true })
      this.#waiting.set(number, finish)
      // The caller keeps its buffer: it may have to send it again.
      const body = new Uint8Array(batch.body)
      const { starts, documents } = batch
      this.#running().postMessage({ number, body, starts, documents } satisfies Request, [body.buffer])
    })
  }

  /** Takes five seconds for a million events, once. Never rejects, and leaves no thread: the agent may still refuse to start. */
  renew(): Promise<void> {
    this.#running().postMessage('renew')
    return this.close()
  }

  close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return Promise.resolve()
    return new Promise(resolve => {
      worker.once('exit', () => resolve())
      worker.postMessage('close')
    })
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB }
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: this.#local, name: 'store', resourceLimits })
    worker.on('message', (news: Reply | TroubleNews) => {
      if ('trouble' in news) this.#trouble = news.trouble
      else this.#waiting.get(news.number)?.(news.answer)
    })
    // An exit follows.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      this.#trouble = undefined
      for (const finish of [...this.#waiting.values()])
        finish({ holdUp: this.#holdUp('its thread ended; the agent starts another') })
    })
    this.#worker = worker
    return worker
  }

  #holdUp(reason: string): HoldUp {
    return { code: 'MLS_STORE_UNWRITABLE', detail: `${this.#local.file}: ${reason}` }
  }
}
