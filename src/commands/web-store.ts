/**
 * The embedded store for the page, in threads of its own: SQLite keeps a thread busy until it has counted, and rows must not wait for
 * that, nor must the page. A thread that takes too long is given up and made anew with the next question.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, ShipperError } from '../errors.js'
import type { EventStore } from '../store/query.js'

const PATIENCE_MS = 30_000

export type Question = { readonly [M in Method]: readonly [method: M, ...Parameters<EventStore[M]>] }[Method]
type Method = Exclude<keyof EventStore, 'close'>

/** `refused`: a ShipperError; `failed`: a bug. */
export type Reply =
  | { readonly value: unknown }
  | { readonly refused: { readonly code: ErrorCode; readonly detail: string } }
  | { readonly failed: string }

/** One thread, which answers one question after the other. */
export class StoreThread {
  readonly #file: string
  readonly #patience: () => AbortSignal
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** @param file of the embedded store  @param patience with one answer, begun with the question */
  constructor(file: string, patience = () => AbortSignal.timeout(PATIENCE_MS)) {
    this.#file = file
    this.#patience = patience
    this.#worker = this.#start()
  }

  #start(): Worker {
    return new Worker(new URL('./web-store-worker.js', import.meta.url), { workerData: this.#file })
  }

  /** @param signal nobody waits for the answer any more: what has not begun is left out */
  store(signal: AbortSignal): EventStore {
    const ask = (question: Question): Promise<unknown> => {
      const answer = this.#last.then(() => {
        signal.throwIfAborted()
        return this.#ask(question)
      })
      this.#last = answer.catch(() => {})
      return answer
    }
    return {
      search: (...given) => ask(['search', ...given]) as ReturnType<EventStore['search']>,
      histogram: (...given) => ask(['histogram', ...given]) as ReturnType<EventStore['histogram']>,
      terms: (...given) => ask(['terms', ...given]) as ReturnType<EventStore['terms']>,
      byId: (...given) => ask(['byId', ...given]) as ReturnType<EventStore['byId']>,
      close: async () => {},
    }
  }

  async #ask(question: Question): Promise<unknown> {
    this.#worker ??= this.#start()
    const worker = this.#worker
    const patience = this.#patience()
    worker.postMessage(question)
    const [reply] = (await once(worker, 'message', { signal: patience }).catch((error: unknown) => {
      this.#worker = undefined
      void worker.terminate()
      throw patience.aborted ? new ShipperError('MLS_WEB_SLOW') : error
    })) as [Reply]
    if ('value' in reply) return reply.value
    if ('refused' in reply) throw new ShipperError(reply.refused.code, reply.refused.detail)
    throw new TypeError(reply.failed)
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }
}
