// `N passed, N failed` from tap's own last line. Arguments: tap's output, the exit status of the tests, steps failed before them.
// Nothing counted, or tests that end badly with nothing counted as failed (a crash, a time-out), is a failure too.
import { readFileSync } from 'node:fs'

const [, , file, status, failedSteps] = process.argv
const totals = [...readFileSync(file, 'utf8').matchAll(/^# \{ total: \d+[^}]*\}$/gm)].at(-1)?.[0] ?? ''
const count = name => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0)
const passed = count('pass')
const unaccounted = count('fail') === 0 && (status !== '0' || passed === 0) ? 1 : 0
const failed = count('fail') + unaccounted + Number(failedSteps)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
