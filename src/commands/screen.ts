/** The terminal, or the pipe, that a command answers to; and prose that fits it. */
import { widthOf } from './event-table.js'
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

// Longer lines are hard to read.
const MAX_PROSE_COLUMNS = 100

/** Lines of at most the terminal's width; a word that is longer is cut in pieces. @param text one paragraph, printable */
export function wrap(text: string, columns: number | undefined, indent = ''): string[] {
  if (columns === undefined) return [indent + text]
  const room = Math.max(10, Math.min(columns, MAX_PROSE_COLUMNS) - indent.length)
  const lines: string[] = []
  let line = ''
  const put = (word: string): void => {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > room) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  for (const word of text.split(' ')) for (const piece of pieces(word, room)) put(piece)
  return [...lines, line].map(part => indent + part)
}

function pieces(word: string, room: number): string[] {
  if (widthOf(word) <= room) return [word]
  const found: string[] = []
  let piece = ''
  for (const character of word) {
    if (widthOf(piece + character) > room) {
      found.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...found, piece]
}
