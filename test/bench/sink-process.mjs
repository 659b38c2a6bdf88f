// The sink from its parent's side.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export async function startSink() {
  const child = fork(join(import.meta.dirname, 'sink.mjs'))
  const [{ url }] = await once(child, 'message')
  const ask = async message => {
    const answer = once(child, 'message')
    child.send(message)
    const [counts] = await answer
    return counts
  }
  const counts = () => ask('counts')
  return {
    url,
    counts,
    reset: (how = 'count') => ask({ reset: how }),
    /** Of marked lines, after `reset('arrivals')`. @returns a map from their numbers to milliseconds since 1970 */
    arrivals: async () => new Map(await ask('arrivals')),
    /** From now on it takes nothing, or takes again. */
    down: isDown => ask({ down: isDown }),
    /**
     * @param deadlineMs how long nothing may come
     * @throws where they do not come
     */
    async until(documents, deadlineMs = 30_000) {
      for (let seen = 0, end = performance.now() + deadlineMs; ; ) {
        const now = await counts()
        if (now.documents >= documents) return now
        if (now.documents > seen) end = performance.now() + deadlineMs
        seen = now.documents
        if (performance.now() > end) throw new Error(`${now.documents} documents came, ${documents} were expected`)
        await wait(20)
      }
    },
    close: () => child.disconnect(),
  }
}
