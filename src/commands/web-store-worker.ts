/** The thread of web-store.ts. Opens the store for each question: one that is moved away or comes into being needs no restart. */
import { parentPort, workerData } from 'node:worker_threads'
import { ShipperError } from '../errors.js'
import type { EventStore } from '../store/query.js'
import type { Question, Reply } from './web-store.js'
import { withFile } from './with-file.js'

function answer(store: EventStore, question: Question): Promise<unknown> {
  switch (question[0]) {
    case 'search':
      return store.search(question[1])
    case 'histogram':
      return store.histogram(question[1], question[2])
    case 'terms':
      return store.terms(question[1], question[2], question[3])
    case 'byId':
      return store.byId(question[1])
  }
}

parentPort?.on('message', async (question: Question) => {
  let reply: Reply
  try {
    reply = { value: await withFile(workerData as string, store => answer(store, question)) }
  } catch (error) {
    reply = error instanceof ShipperError ? { refused: { code: error.code, detail: error.detail } } : { failed: String(error) }
  }
  parentPort?.postMessage(reply)
})
