/** The terminal, or the pipe, that a command answers to. */
import type { Screen } from './search.js'

export function openScreen(): Screen {
  const { stdout, stderr, env } = process
  return {
    out: line => void stdout.write(`${line}\n`),
    err: line => void stderr.write(`${line}\n`),
    columns: stdout.isTTY ? stdout.columns : undefined,
    // https://no-color.org
    isColoured: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    now: Date.now,
  }
}
