/**
 * One signal out of two: the caller's, and a time limit of our own for the whole of a request. The client's own limit is begun
 * anew with each piece of an answer, so that a server that trickles would hold us for ever (F48).
 */
export interface Deadline {
  readonly signal: AbortSignal
  /** The time limit ended it, not the caller. */
  isOver(): boolean
  /** A part of the work is done: the time begins anew for the next. */
  restart(): void
  /** Leaves no timer and no listener. */
  end(): void
}

export function startDeadline(caller: AbortSignal | undefined, ms: number): Deadline {
  const controller = new AbortController()
  let isOver = false
  const abort = (): void => controller.abort()
  const timer = setTimeout(() => {
    isOver = true
    abort()
  }, ms)
  if (caller?.aborted) abort()
  caller?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    isOver: () => isOver,
    restart: () => void timer.refresh(),
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', abort)
    },
  }
}
