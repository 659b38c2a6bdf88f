/** `npm run kill-loop -- --rounds 200 [--seed n]`: the test of random kills, with more rounds. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string' } } })
const env = { ...process.env, KILL_ROUNDS: values.rounds, ...(values.seed === undefined ? {} : { SEED: values.seed }) }
const { status } = spawnSync('tap', ['--timeout=1200', 'test/faults/kill-loop.long.ts'], { env, stdio: 'inherit' })
process.exitCode = status ?? 1
