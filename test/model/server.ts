/**
 * What is shipped to, by Elasticsearch's rules and in memory: `create` stores, or answers 409 where the write index has the id. What
 * an older index has is found only where the batch says that it may have been sent before. Some documents it never takes.
 */
import type { Answer, Batch, LogEvent, Outcome, Output, WriteIndexes } from '../../src/model.js'
import type { Mood } from './actions.js'
import { numbersOf } from './world.js'

export interface Stored {
  readonly message: string
  readonly event: { readonly id: string }
  readonly tags?: readonly string[]
}

/** A mapping that refuses what has such a number. */
export const isRefused = (text: string): boolean => numbersOf(text)[0]! % 29 === 28

export class Server {
  /** In the order of their arrival. */
  readonly documents: Stored[] = []
  /** Some documents of a request were taken later than others behind them. */
  wasBusy = false
  /** The ids in each index; the last one is written to. */
  readonly #indexes = [new Set<string>()]
  #mood: Mood = 'up'
  #waiting: (() => void)[] = []

  get mood(): Mood {
    return this.#mood
  }

  set mood(mood: Mood) {
    this.#mood = mood
    this.wasBusy ||= mood === 'busy'
    if (mood === 'slow') return
    for (const goOn of this.#waiting) goOn()
    this.#waiting = []
  }

  rollover(): void {
    this.#indexes.push(new Set())
  }

  /** The write index, as it is told to who looks something up. */
  get writeIndexes(): WriteIndexes {
    return new Map([[STREAM, `${this.#indexes.length - 1}`]])
  }

  async write(batch: Batch, signal: AbortSignal): Promise<Answer> {
    if (this.#mood === 'slow')
      await new Promise<void>(resolve => {
        this.#waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    if (signal.aborted) return unreachable('stopping')
    if (this.#mood === 'down') return unreachable('down')
    const doubts = batch.doubts?.map(doubt => Number(doubt.get(STREAM) ?? 0)) ?? []
    const from = Math.min(this.#indexes.length - 1, ...doubts)
    const outcomes = batch.starts.map((start, i): Outcome => {
      const end = (batch.starts[i + 1] ?? batch.body.length) - 1
      const id = batch.body.toString('latin1', start, batch.documents[i]! - 1)
      if (this.#mood === 'busy' && i % 2 === 0) return { status: 'retry', reason: '429' }
      return this.#create(from, id, batch.body.toString('utf8', batch.documents[i], end))
    })
    return this.#mood === 'deaf' ? unreachable('the answer was lost') : { outcomes }
  }

  #create(from: number, id: string, document: string): Outcome {
    if (this.#indexes.slice(from).some(index => index.has(id))) return { status: 'duplicate' }
    const stored: Stored = JSON.parse(document)
    if (isRefused(stored.message)) return { status: 'set-aside', reason: '400' }
    this.#indexes.at(-1)!.add(id)
    this.documents.push(stored)
    return { status: 'stored' }
  }
}

const STREAM = 'logs'

const unreachable = (detail: string): Answer => ({ holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail } })

/** @param write what is done with each batch  @param server asked for its indices with every batch in doubt */
export function outputTo(server: Server, write: Output['write']): Output {
  let writeIndexes: WriteIndexes | undefined
  return {
    name: 'model',
    prefix: ({ id }: LogEvent) => `${id} `,
    get writeIndexes() {
      return writeIndexes
    },
    write(batch, signal) {
      if (batch.doubts !== undefined && server.mood !== 'down') writeIndexes = server.writeIndexes
      return write(batch, signal)
    },
    close: async () => {},
  }
}
