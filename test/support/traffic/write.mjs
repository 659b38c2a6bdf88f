/**
 * `npm run traffic -- --directory DIR [--lists 700] [--from 2015-05-12] [--to 2015-05-20] [--events N] [--seed 1]
 * [--incident 2015] [--no-waves]`: the logs of generate.mjs as files, one for each log, UTC.
 */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { writeLogs } from './files.mjs'
import { generate } from './generate.mjs'

const string = { type: 'string' }
const { values } = parseArgs({
  allowNegative: true,
  options: {
    directory: string,
    lists: string,
    from: string,
    to: string,
    events: string,
    seed: string,
    incident: string,
    waves: { type: 'boolean' },
  },
})
const { directory, ...given } = values
if (directory === undefined) throw new Error('--directory is missing')
if (given.incident !== undefined && given.incident !== '2015') throw new Error('--incident: 2015 is the only one')
for (const name of ['lists', 'events', 'seed']) {
  if (given[name] === undefined) continue
  given[name] = Number(given[name])
  if (!Number.isSafeInteger(given[name])) throw new Error(`--${name}: a whole number is wanted`)
}
mkdirSync(directory, { recursive: true })
const start = performance.now()
const { records, bytes } = writeLogs(directory, generate(given))
const took = (performance.now() - start) / 1000
process.stdout.write(`${records} records, ${bytes} bytes, ${took.toFixed(1)} s\n`)
