/**
 * Random programs against the real pipeline in process, on a held clock: files, lines, events, batches, delivery and checkpoint are the
 * real ones, the server is a model. `MODEL_PROGRAMS` says how many, `MODEL_SEED` (and `MODEL_PATH`) repeat what a failure has printed.
 */
import fc from 'fast-check'
import t from 'tap'
import { describe, program } from './actions.js'
import { inDirectories } from './directory.js'
import { play } from './play.js'

const programs = Number(process.env.MODEL_PROGRAMS ?? 100)
/** Among all tests the same programs each time: what is judged is the change. `npm run model` takes others each time. */
const seed = Number(process.env.MODEL_SEED ?? (process.env.MODEL_PROGRAMS === undefined ? 20150519 : Date.now() & 0x7fffffff))
const path = process.env.MODEL_PATH

t.setTimeout(900_000)

t.test(`${programs} random programs, MODEL_SEED=${seed}`, async t => {
  let number = 0
  let failures = 0
  const property = fc.asyncProperty(program, async actions => {
    number++
    try {
      await inDirectories((logs, state) => play(actions, logs, state))
    } catch (error) {
      if (failures++ === 0) t.comment(`program ${number}: ${error}; looking for a shorter one`)
      throw error
    }
  })
  const begun = performance.now()
  const result = await fc.check(property, {
    seed,
    numRuns: programs,
    interruptAfterTimeLimit: 600_000,
    markInterruptAsFailure: true,
    ...(path === undefined ? {} : { path }),
  })
  t.comment(`${number} programs in ${Math.round(performance.now() - begun)} ms`)
  if (result.failed)
    t.comment(
      `MODEL_SEED=${seed} MODEL_PATH=${result.counterexamplePath}\n${result.errorInstance}\n${describe(result.counterexample![0])}`,
    )
  t.notOk(result.failed, 'nothing lost, nothing twice, in order')
})
