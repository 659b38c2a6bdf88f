/**
 * Bytes → text. One log file mixes encodings: Mailman 2.1 writes byte strings as they are and everything else as Latin-1
 * (Mailman/Logging/Logger.py), so each record is decoded by itself: UTF-8 if it is valid, EUC-JP (Mailman's own Japanese) if it
 * is that, else windows-1252.
 */

const NOT_ASCII = /[^\x00-\x7f]/
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const strictEucJp = new TextDecoder('euc-jp', { fatal: true })
const windows1252 = new TextDecoder('windows-1252')
/** Hardly a Japanese sentence is without; hardly another text that is valid EUC-JP by chance has one. */
const KANA = /[\u3041-\u30fe]/

/** A byte string as text. A carriage return at the end of a line goes; nothing else does. */
export function decodeText(bytes: string): string {
  const text = NOT_ASCII.test(bytes) ? decode(Buffer.from(bytes, 'latin1')) : bytes
  return text.includes('\r') ? text.replace(/\r(?=\n|$)/g, '') : text
}

function decode(bytes: Buffer): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    const japanese = decodeEucJp(bytes)
    return japanese !== undefined && KANA.test(japanese) ? japanese : windows1252.decode(bytes)
  }
}

function decodeEucJp(bytes: Buffer): string | undefined {
  try {
    return strictEucJp.decode(bytes)
  } catch {
    return undefined
  }
}

/** Text as a JSON string, in a byte string: what stands in documents. */
export function quote(text: string): string {
  const json = JSON.stringify(text)
  return NOT_ASCII.test(json) ? Buffer.from(json, 'utf8').toString('latin1') : json
}
