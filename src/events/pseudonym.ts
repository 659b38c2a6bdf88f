/**
 * What stands in the place of something personal: an HMAC-SHA256 with the site's key over what kind it is and its value, in the
 * form in which it is compared. The same key gives the same one in every log and on every host, so a trace still works; without
 * the key nobody can try out whose it is. 80 bits: two of a million addresses meet with a chance of 1 in 10^12.
 */
import { createHmac } from 'node:crypto'

const PREFIX = 'hashed-'
const HEX_DIGITS = 20
/** Most logs name the same few thousand people again and again. */
const MAX_REMEMBERED = 10_000

export type Kind = 'address' | 'name' | 'subject' | 'ip'

export class Pseudonyms {
  readonly #key: string
  readonly #remembered = new Map<string, string>()

  constructor(key: string) {
    this.#key = key
  }

  /** @param value normalised: the same thing must always look the same */
  of(kind: Kind, value: string): string {
    const text = `${kind}\0${value}`
    let pseudonym = this.#remembered.get(text)
    if (pseudonym === undefined) {
      pseudonym = PREFIX + createHmac('sha256', this.#key).update(text, 'utf8').digest('hex').slice(0, HEX_DIGITS)
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
      if (text.length < 1024) this.#remembered.set(text, pseudonym)
    }
    return pseudonym
  }

  /** A line of a message: told from others, and nothing more. */
  ofBody(text: string): string {
    return createHmac('sha256', this.#key).update(`body\0${text}`, 'utf8').digest('hex').slice(0, HEX_DIGITS)
  }
}
