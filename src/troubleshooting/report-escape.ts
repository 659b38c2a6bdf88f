/**
 * Text of strangers in a Markdown page: only text comes out of it, whatever it holds. What the terminal must not see is escaped
 * first (diagnostics/printable.ts); then all that Markdown or HTML could take for markup, and what GitHub makes links of by itself.
 */
import { printable } from '../diagnostics/printable.js'

const MAX_CHARACTERS = 200

/** One line, cut after 200 characters. It may stand in a paragraph, a list item or a cell of a table, never at a line's beginning. */
export function markdownText(text: string, most = MAX_CHARACTERS): string {
  const line = printable(text.replace(/\s+/g, ' ').trim())
  const cut = [...line].length > most ? `${[...line].slice(0, most - 1).join('')}…` : line
  return cut
    .replace(/[\\`*_{}[\]()#+!|~$^=@]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/:(?=\/)|(?<=\b(?:mailto|xmpp)):|(?<=\bwww)\./gi, '\\$&')
}
