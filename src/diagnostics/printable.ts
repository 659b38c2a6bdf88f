/**
 * Text of strangers, made safe to look at. A list name, a subject or a file name may hold an escape sequence that moves the
 * cursor, sets the title, writes the clipboard or hides a link, and format characters that reorder or hide what is read.
 * Everything that may reach a terminal passes one of these two; what is visible stays as it is, Arabic and emoji included.
 */

/**
 * Cc: C0, DEL, C1 · Cf: bidi controls, zero-width characters, soft hyphen, tags · Zl, Zp: line and paragraph separator ·
 * Cs: lone surrogates (the u flag leaves pairs alone) · DI: what Unicode says to show as nothing (fillers, variation selectors).
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu

/**
 * Unsafe characters as visible escapes: `\x1b`, `\u202e`, `\u{e0041}`. For people: a backslash that was there before stays one,
 * so the text cannot always be restored. With `newlines` a line feed stays a line feed (for text that we wrap ourselves).
 */
export function printable(text: string, { newlines = false }: { readonly newlines?: boolean } = {}): string {
  return text.replace(unsafe, character => (newlines && character === '\n' ? character : escapeVisibly(character)))
}

/** The same for JSON text: only JSON's own escapes, so that what a machine reads from it is unchanged. Line feeds stay. */
export function printableJson(json: string): string {
  return json.replace(unsafe, character => (character === '\n' ? character : escapeUnits(character)))
}

function escapeVisibly(character: string): string {
  const code = character.codePointAt(0)!
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

function escapeUnits(character: string): string {
  let escaped = ''
  for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
  return escaped
}
