/** The thread in which the embedded store writes, so that a slow disk never stops the reading of logs. See output.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Answer, HoldUp } from '../model.js'
import { Store, type StoreOptions } from './store.js'

/** A batch on its way to the thread. The body is a copy that is handed over. */
export interface Request {
  readonly number: number
  readonly body: Uint8Array
  readonly starts: readonly number[]
  readonly documents: readonly number[]
}

export interface Reply {
  readonly number: number
  readonly answer: Answer
}

/** Of the removing of old events; undefined: it is over. */
export interface TroubleNews {
  readonly trouble: HoldUp | undefined
}

/** What the thread is started with. */
export interface WorkerData extends StoreOptions {
  readonly pruneEveryMs: number
}

// A step takes a few milliseconds; batches that wait go first.
const PRUNE_STEP = 200

const port = parentPort!
const { pruneEveryMs, ...local } = workerData as WorkerData
const store = new Store(local)
const timer = setInterval(prune, pruneEveryMs)
let told: HoldUp | undefined
let hasPruned = false

port.on('message', (request: Request | 'renew' | 'close') => {
  if (request === 'renew') {
    store.renew()
    return
  }
  if (request === 'close') {
    clearInterval(timer)
    store.close()
    port.close()
    return
  }
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength)
  const answer = store.write({ ...request, body }, Date.now())
  port.postMessage({ number: request.number, answer } satisfies Reply)
  if (!hasPruned) {
    hasPruned = true
    setImmediate(prune)
  }
})

function prune(): void {
  if (store.prune(Date.now(), PRUNE_STEP)) setImmediate(prune)
  const { trouble } = store
  if (trouble?.detail === told?.detail) return
  told = trouble
  port.postMessage({ trouble } satisfies TroubleNews)
}
