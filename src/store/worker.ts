/** The thread in which the embedded store writes, so that a slow disk never stops the reading of logs. See output.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Answer } from '../model.js'
import { Store } from './store.js'

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

const PRUNE_EVERY_MS = 10 * 60_000
// A step takes a few milliseconds; batches that wait go first.
const PRUNE_STEP = 200

const port = parentPort!
const store = new Store(workerData)
const timer = setInterval(prune, PRUNE_EVERY_MS)
let hasPruned = false

port.on('message', (request: Request | 'close') => {
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
}
