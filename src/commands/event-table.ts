/**
 * Events as lines for a person: time, log, list, action, text. Everything in them comes from strangers and is escaped before
 * anything else is done with it.
 */
import { printable } from '../diagnostics/printable.js'
import { timeOf } from '../diagnostics/timezone.js'
import { widthOf } from '../diagnostics/wrap.js'
import { textAt, valueAt } from '../store/entry.js'
import type { StoredEvent } from '../store/query.js'

export interface Look {
  /** IANA name of the zone in which times are shown. */
  readonly zone: string
  /** Of the terminal; undefined: no terminal, nothing is cut. */
  readonly columns: number | undefined
  readonly isColoured: boolean
}

const titles = ['time', 'log', 'list', 'action', 'text']
// Names longer than this are cut on a terminal, so that the text has room.
const MAX_NAME_COLUMNS = 24
const MIN_TEXT_COLUMNS = 20
const GAP = '  '

export function formatEvents(events: readonly StoredEvent[], look: Look): string[] {
  const rows = events.map(event => cellsOf(event, look.zone))
  const widths = titles.slice(0, -1).map((title, i) => {
    const widest = rows.reduce((most, row) => Math.max(most, widthOf(row[i]!)), title.length)
    return look.columns === undefined ? widest : Math.min(widest, MAX_NAME_COLUMNS)
  })
  const taken = widths.reduce((sum, width) => sum + width + GAP.length, 0)
  const room = look.columns === undefined ? undefined : Math.max(look.columns - taken, MIN_TEXT_COLUMNS)
  const line = (cells: readonly string[], colour: string) =>
    cells
      .map((cell, i) => {
        const width = widths[i]
        if (width === undefined) return room === undefined ? cell : cut(cell, room)
        const padded = pad(cut(cell, width), width)
        return titles[i] === 'action' ? paint(padded, colour, look) : padded
      })
      .join(GAP)
      .trimEnd()
  return [paint(line(titles, ''), DIM, look), ...rows.map((row, i) => line(row, colourOf(events[i]!)))]
}

function cellsOf({ timestampMs, document }: StoredEvent, zone: string): string[] {
  const texts = [
    textOf(document, 'event', 'dataset').replace(/^mailman\./, ''),
    textOf(document, 'mailman', 'list', 'name'),
    textOf(document, 'event', 'action'),
    // A traceback is one line here.
    textOf(document, 'message').replace(/\s*\n\s*/g, ' '),
  ]
  return [timeOf(timestampMs, zone), ...texts.map(value => printable(value))]
}

const DIM = '2'
const RED = '31'
const YELLOW = '33'

function colourOf({ document }: StoredEvent): string {
  const type = valueAt(document, ['event', 'type'])
  if (textOf(document, 'event', 'outcome') === 'failure' || (Array.isArray(type) && type.includes('error'))) return RED
  return textOf(document, 'event', 'action').endsWith('-held') ? YELLOW : ''
}

export const paint = (line: string, colour: string, look: Pick<Look, 'isColoured'>): string =>
  look.isColoured && colour !== '' ? `\x1b[${colour}m${line}\x1b[0m` : line

/** A text cut to so many columns, with … where something is missing. */
export function cut(cell: string, width: number): string {
  if (widthOf(cell) <= width) return cell
  let kept = ''
  let used = 1
  for (const character of cell) {
    used += widthOf(character)
    if (used > width) break
    kept += character
  }
  return `${kept}…`
}

export const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - widthOf(cell)))

const textOf = (document: unknown, ...path: readonly string[]): string => textAt(document, path) ?? ''
