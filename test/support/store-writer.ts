/**
 * A program for kill tests: writes batches of numbered events into the embedded store, one after the other, and says on
 * standard output which number was acknowledged last. Arguments: file, first number, events per batch.
 */
import { writeSync } from 'node:fs'
import { createStoreOutput } from '../../src/store/output.js'
import { batchOf, ordinaryEvents } from './documents.js'

const [file, first, size] = process.argv.slice(2) as [string, string, string]
const output = createStoreOutput({ file, keepDays: 90 })
const { signal } = new AbortController()
for (let n = Number(first); ; n += Number(size)) {
  const answer = await output.write(batchOf(ordinaryEvents(n, Number(size))), signal)
  if ('holdUp' in answer) throw new Error(answer.holdUp.detail)
  writeSync(1, `${n + Number(size)}\n`)
}
