/** A progress bar for work of some seconds: on a terminal only, redrawn in place, gone when the work is done. */
import type { WriteStream } from 'node:tty'

export interface Progress {
  readonly done: number
  readonly total: number
  /** What was made of it: `12,345 events`. */
  readonly note: string
}

const WIDTH = 30
const EVERY_MS = 100

export function showProgress(
  label: string,
  terminal: Pick<WriteStream, 'isTTY' | 'write'>,
  read: () => Progress,
): { end(): void } {
  if (!terminal.isTTY) return { end: () => {} }
  const begunMs = performance.now()
  const draw = (): void => {
    const { done, total, note } = read()
    const share = total === 0 ? 0 : Math.min(1, done / total)
    const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.')
    const leftMs = share > 0.01 ? ((performance.now() - begunMs) * (1 - share)) / share : 0
    terminal.write(
      `\r\x1b[K${label} [${bar}] ${Math.round(share * 100)} %  ${note}${leftMs > 2_000 ? `  ${Math.round(leftMs / 1000)} s left` : ''}`,
    )
  }
  const timer = setInterval(draw, EVERY_MS)
  return {
    end() {
      clearInterval(timer)
      terminal.write('\r\x1b[K')
    },
  }
}
