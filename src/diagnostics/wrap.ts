/** Text in columns, as a terminal or a plain mail shows it. */

/** Columns that a text takes on a terminal: marks none, East Asian characters and emoji two. An estimate; terminals differ. */
export function widthOf(line: string): number {
  if (/^[\x20-\x7e]*$/.test(line)) return line.length
  let width = 0
  for (const character of line) width += /^\p{M}$/u.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

const wide =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u

// Longer lines are hard to read.
const MAX_PROSE_COLUMNS = 100

/** Lines of at most so many columns; a word that is longer is cut in pieces. @param text one paragraph, printable */
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
