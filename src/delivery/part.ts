/** A part of a batch as a batch of its own: what has to be sent again. */
import type { Batch } from '../model.js'

/** @param indexes of the items, ascending */
export function partOf(batch: Batch, indexes: readonly number[]): Batch {
  const bodies: Buffer[] = []
  const starts: number[] = []
  const documents: number[] = []
  let length = 0
  for (const index of indexes) {
    const start = batch.starts[index]!
    const bytes = batch.body.subarray(start, batch.starts[index + 1] ?? batch.body.length)
    bodies.push(bytes)
    starts.push(length)
    documents.push(length + batch.documents[index]! - start)
    length += bytes.length
  }
  return { ...batch, body: Buffer.concat(bodies), starts, documents }
}

/** The document of an item, without its newline. */
export const documentOf = (batch: Batch, index: number): Buffer =>
  batch.body.subarray(batch.documents[index]!, (batch.starts[index + 1] ?? batch.body.length) - 1)
