/** Items of a batch: some of them as a batch of its own, which has to be sent again; one item's document; its id. */
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

/** What stands between the id and the document: the output's action line ends so. */
export const behindId = '"}}\n'
const quote = 0x22

/** Whether the action line of an item names this id. Read where it stands: no id is kept for each event. */
export function hasId({ body, documents }: Batch, index: number, id: string): boolean {
  const end = documents[index]! - behindId.length
  const start = end - id.length
  return body[start - 1] === quote && body.toString('latin1', start, end) === id
}
