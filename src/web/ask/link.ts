/**
 * What opens a list: its name and an end, signed. Nothing is kept: whoever has the key can tell, and another key ends all links.
 * `purpose` is signed too, so that what came by mail is no cookie, and the other way round.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export const LINK_HOURS = 24

export interface Grant {
  /** As a store is asked for it: `announce`, or `announce@lists.example.org`. */
  readonly list: string
  /** The list's mail domain. */
  readonly domain: string
  /** Since 1970. */
  readonly endsS: number
}

export type Purpose = 'mail' | 'cookie'

export class Signer {
  readonly #key: Buffer

  /** @param secret what the key file holds */
  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'mailman-shipper, links to a list, version 1', 32))
  }

  /** @returns letters, digits, `.`, `-` and `_` only */
  sign(purpose: Purpose, { list, domain, endsS }: Grant): string {
    const text = `1.${endsS}.${Buffer.from(`${list} ${domain}`).toString('base64url')}`
    return `${text}.${this.#mark(purpose, text)}`
  }

  /** Undefined: not signed by us for this, or over. */
  read(purpose: Purpose, token: string, nowMs: number): Grant | undefined {
    const [, text, ends, named, mark] = /^(1\.(\d{1,12})\.([\w-]{1,600}))\.([\w-]{43})$/.exec(token) ?? []
    if (text === undefined || ends === undefined || named === undefined || mark === undefined) return undefined
    // The mark as text: its last character has bits to spare, and a token that is written otherwise is not ours.
    if (!timingSafeEqual(Buffer.from(mark), Buffer.from(this.#mark(purpose, text)))) return undefined
    const endsS = Number(ends)
    const [list = '', domain = ''] = Buffer.from(named, 'base64url').toString().split(' ')
    return endsS * 1000 > nowMs ? { list, domain, endsS } : undefined
  }

  #mark(purpose: Purpose, text: string): string {
    return createHmac('sha256', this.#key).update(`${purpose}\n${text}`).digest('base64url')
  }
}
