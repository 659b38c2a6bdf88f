/** Waits for a state, looking again and again; no test sleeps. */
import { setTimeout as sleep } from 'node:timers/promises'

/** @param look what must become something else than undefined, false, 0 or ''  @param describe what to say when it did not */
export async function until<T>(look: () => T | Promise<T>, describe: () => string, deadlineMs = 30_000): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const begun = performance.now()
    const state = await look()
    if (state) return state
    if (performance.now() > end) throw new Error(`not within ${deadlineMs / 1000} s: ${describe()}`)
    // What is dear to look at is looked at less often: at most half of the time, so that what is waited for can go on.
    await sleep(Math.max(20, performance.now() - begun))
  }
}
