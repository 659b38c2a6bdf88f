/**
 * Random programs against the real pipeline in process, on a held clock: files, lines, events, batches, delivery and checkpoint are the
 * real ones, the server is a model. `MODEL_PROGRAMS` says how many, `MODEL_SEED` (and `MODEL_PATH`) repeat what a failure has printed.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { describe, program } from './actions.js'
import { play } from './play.js'

const programs = Number(process.env.MODEL_PROGRAMS ?? 300)
const seed = Number(process.env.MODEL_SEED ?? Date.now() & 0x7fffffff)
const disk = tmpdir()
const memory = existsSync('/dev/shm') ? '/dev/shm' : disk
const path = process.env.MODEL_PATH

t.setTimeout(900_000)

t.test(`${programs} random programs, MODEL_SEED=${seed}`, async t => {
  let number = 0
  let failures = 0
  const property = fc.asyncProperty(program, async actions => {
    // Logs where inodes are used again; the checkpoint where syncing is no work, for the power stays on here.
    const [logs, state] = [disk, memory].map(place => mkdtempSync(join(place, 'model-'))) as [string, string]
    chmodSync(logs, 0o755)
    number++
    try {
      await play(actions, logs, state)
    } catch (error) {
      if (failures++ === 0) t.comment(`program ${number}: ${error}; looking for a shorter one`)
      throw error
    } finally {
      rmSync(logs, { recursive: true })
      rmSync(state, { recursive: true })
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
