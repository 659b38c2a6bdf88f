/** A table for a person: the last column takes the room that is left, and is cut where the terminal ends. */
import { printable } from '../diagnostics/printable.js'
import { widthOf, wrap } from '../diagnostics/wrap.js'
import { cut, type Look, pad, paint } from './event-table.js'

export interface Row {
  readonly cells: readonly string[]
  /** An SGR number, for the whole line; '': none. */
  readonly colour: string
}

const DIM = '2'
const GAP = '  '
const MAX_COLUMNS = 40
const MIN_LAST_COLUMNS = 20
const MIN_COLUMNS = 6

/**
 * @param rows texts of strangers: they are escaped here, and shown on one line
 * @param end `whole`: a last cell that has no room has lines of its own, so that it can be copied
 */
export function formatTable(
  titles: readonly string[],
  rows: readonly Row[],
  look: Pick<Look, 'columns' | 'isColoured'>,
  indent = '',
  end: 'cut' | 'whole' = 'cut',
): string[] {
  const texts = rows.map(({ cells }) => cells.map(cell => printable(cell.replace(/\s*\n\s*/g, ' '))))
  const widths = titles.slice(0, -1).map((title, i) => {
    const widest = texts.reduce((most, cells) => Math.max(most, widthOf(cells[i] ?? '')), widthOf(title))
    return look.columns === undefined ? widest : Math.min(widest, MAX_COLUMNS)
  })
  const takenBy = () => widths.reduce((sum, width) => sum + width + GAP.length, indent.length)
  // On a narrow terminal the widest columns give way first.
  const least = end === 'whole' ? MIN_COLUMNS : MIN_LAST_COLUMNS
  while (look.columns !== undefined && takenBy() + least > look.columns && Math.max(...widths) > MIN_COLUMNS)
    widths[widths.indexOf(Math.max(...widths))]!--
  const taken = takenBy()
  const room = look.columns === undefined ? undefined : Math.max(look.columns - taken, MIN_COLUMNS)
  const line = (cells: readonly string[]): string =>
    indent +
    cells
      .map((cell, i) => {
        const width = widths[i]
        if (width === undefined) return room === undefined ? cell : cut(cell, room)
        return pad(cut(cell, width), width)
      })
      .join(GAP)
      .trimEnd()
  const linesOf = (cells: readonly string[]): string[] => {
    const last = cells.at(-1)!
    if (end === 'cut' || room === undefined || widthOf(last) <= room) return [line(cells)]
    return [line(cells.slice(0, -1)), ...wrap(last, look.columns, indent + GAP)]
  }
  const lines = texts.flatMap((cells, i) => linesOf(cells).map(text => paint(text, rows[i]!.colour, look)))
  return [paint(line(titles), DIM, look), ...lines]
}
