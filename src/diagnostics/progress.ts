/**
 * How far long work is. On a terminal: a bar, redrawn in place, gone when the work is done. Elsewhere: a plain line every ten
 * seconds, so that a log of it stays readable.
 */
import type { WriteStream } from 'node:tty'

export interface Progress {
  /** Of `total`, in whatever unit; both may grow. */
  readonly done: number
  readonly total: number
  /** What was made of it: `12,345 events`. */
  readonly note: string
  /** Events so far, where their rate is to be told. */
  readonly events?: number
}

export interface ShownProgress {
  /** A line that stays. */
  say(text: string): void
  end(): void
}

const WIDTH = 30
const REDRAW_MS = 100
const LINE_MS = 10_000

/** @param everyMs default: 0.1 s on a terminal, 10 s elsewhere */
export function showProgress(
  label: string,
  terminal: Pick<WriteStream, 'isTTY' | 'write'> & { readonly columns?: number },
  read: () => Progress,
  everyMs: number = terminal.isTTY ? REDRAW_MS : LINE_MS,
): ShownProgress {
  const pace = new Pace(performance.now(), read())
  const clear = terminal.isTTY ? '\r\x1b[K' : ''
  const draw = (): void => {
    const progress = read()
    pace.note(performance.now(), progress)
    const parts = [percentOf(progress), progress.note, ...pace.describe(progress)]
    if (!terminal.isTTY) terminal.write(`${label}: ${parts.join(', ')}\n`)
    // A line that is too long for the terminal could not be redrawn in place.
    else terminal.write(clear + `${label} ${barOf(progress)} ${parts.join('  ')}`.slice(0, (terminal.columns ?? 80) - 1))
  }
  const timer = setInterval(draw, everyMs)
  return {
    say(text) {
      terminal.write(`${clear}${text}\n`)
    },
    end() {
      clearInterval(timer)
      terminal.write(clear)
    },
  }
}

const shareOf = ({ done, total }: Progress): number => (total === 0 ? 0 : Math.min(1, done / total))
const percentOf = (progress: Progress): string => `${Math.floor(shareOf(progress) * 100)} %`
const barOf = (progress: Progress): string => `[${'#'.repeat(Math.round(shareOf(progress) * WIDTH)).padEnd(WIDTH, '.')}]`

const WINDOW_MS = 30_000
const SAMPLE_MS = 1_000

/** How fast it goes, by the last half minute: what was skipped at the beginning says nothing of the end. */
export class Pace {
  readonly #samples: { readonly ms: number; readonly done: number; readonly events: number }[]
  #last: { ms: number; done: number; events: number }

  constructor(ms: number, { done, events = 0 }: Progress) {
    this.#last = { ms, done, events }
    this.#samples = [this.#last]
  }

  note(ms: number, { done, events = 0 }: Progress): void {
    this.#last = { ms, done, events }
    if (ms - this.#samples.at(-1)!.ms >= SAMPLE_MS) this.#samples.push(this.#last)
    while (ms - this.#samples[0]!.ms > WINDOW_MS && this.#samples.length > 1) this.#samples.shift()
  }

  /** `5,120/s` and `1 min 20 s left`, where they can be told. */
  describe({ done, total, events }: Progress): string[] {
    const first = this.#samples[0]!
    const ms = this.#last.ms - first.ms
    const bytes = this.#last.done - first.done
    const parts: string[] = []
    if (ms < SAMPLE_MS) return parts
    if (events !== undefined)
      parts.push(`${Math.round(((this.#last.events - first.events) / ms) * 1000).toLocaleString('en')} events/s`)
    const leftMs = bytes > 0 ? ((total - done) / bytes) * ms : 0
    if (leftMs > 2_000) parts.push(`${durationOf(leftMs)} left`)
    return parts
  }
}

/** `0.4 s`, `59 s`, `3 min 5 s`, `2 h 10 min` */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
