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
    /** From now on it takes nothing, or takes again. */
    down: isDown => ask({ down: isDown }),
    /** @throws where they do not come */
    async until(documents, deadlineMs = 30_000) {
      const end = performance.now() + deadlineMs
      for (;;) {
        const now = await counts()
        if (now.documents >= documents) return now
        if (performance.now() > end) throw new Error(`${now.documents} documents came, ${documents} were expected`)
        await wait(20)
      }
    },
    close: () => child.disconnect(),
  }
}
