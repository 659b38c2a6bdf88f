/**
 * Free text as people type it: each word must occur, in any order; `"two words"` must occur next to each other; `word*` is
 * how a word begins. There are no operators, so there is no text that is wrong: `AND`, `-`, `(` and `:` are only text.
 */
export interface Term {
  /** One word, or several that must be next to each other. What counts as a word is the store's business. */
  readonly text: string
  /** The last word may go on. */
  readonly prefix: boolean
}

// FTS5 gives up at trees of depth 256; nobody types so much.
const MAX_TERMS = 64

/** Letters, digits, private use: what SQLite's unicode61 makes words of. */
const word = /[\p{L}\p{N}\p{Co}]+/gu

export function readTerms(text: string): Term[] {
  const terms: Term[] = []
  for (const [, phrase, bare] of text.replaceAll('\0', ' ').matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    const term = phrase ?? bare!
    // Without a letter or digit there is nothing to look for.
    if (countWords(term) === 0) continue
    const prefix = phrase === undefined && term.endsWith('*')
    // Elasticsearch takes a word that anything follows, were it only the star, for a whole one.
    terms.push({ text: prefix ? term.replace(/[^\p{L}\p{N}\p{Co}]+$/u, '') : term, prefix })
  }
  return terms.slice(0, MAX_TERMS)
}

export function countWords(text: string): number {
  return text.match(word)?.length ?? 0
}
