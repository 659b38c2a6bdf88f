import t from 'tap'
import { systemClock } from '../../src/diagnostics/clock.js'

t.test('sleep ends after its time, or at once by its signal, and leaves no listener', async t => {
  const before = systemClock.monotonic()
  await systemClock.sleep(20)
  t.ok(systemClock.monotonic() - before >= 19)

  await systemClock.sleep(1e6, AbortSignal.abort())
  const controller = new AbortController()
  const long = systemClock.sleep(1e6, controller.signal)
  controller.abort()
  await long
  t.ok(systemClock.monotonic() - before < 60_000)
  t.ok(Math.abs(systemClock.now() - Date.now()) < 1000)
})
