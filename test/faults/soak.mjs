/** `npm run soak -- --minutes 30 [--seed n] [--rate lines/s] [--every seconds] [--json FILE]`: the soak, for longer. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const string = { type: 'string' }
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: string, rate: string, every: string, json: string },
})
const { minutes, seed, rate, every, json } = values
const env = {
  ...process.env,
  SOAK_MINUTES: minutes,
  ...(seed === undefined ? {} : { SEED: seed }),
  ...(rate === undefined ? {} : { SOAK_RATE: rate }),
  ...(every === undefined ? {} : { SOAK_EVERY: every }),
  ...(json === undefined ? {} : { SOAK_JSON: resolve(json) }),
}
const timeout = Number(minutes) * 60 + 1_200
const { status } = spawnSync('tap', [`--timeout=${timeout}`, 'test/faults/soak.test.ts'], { env, stdio: 'inherit' })
process.exitCode = status ?? 1
