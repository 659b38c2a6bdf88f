/**
 * From a name that somebody typed to a mail, behind the answer: whoever asks is answered before anything is looked up, so that
 * neither the answer nor its time tells whether there is such a list. One after the other, and a bounded number.
 */
import type { Log } from '../../diagnostics/log.js'
import { ShipperError } from '../../errors.js'
import type { EventStore } from '../../store/query.js'
import type { Limits } from './limits.js'
import { LINK_HOURS, type Signer } from './link.js'
import { type Domains, findList } from './list.js'
import type { SendLink } from './mail.js'

const MAX_WAITING = 50
/** In an hour. */
export const most = { ofAddress: 10, inAll: 120, ofList: 3, told: 60 } as const

export interface Desk {
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly limits: Limits
  readonly signer: Signer
  readonly domains: Domains
  /** Ends in `/`. */
  readonly publicUrl: string
  readonly send: SendLink
  readonly now: () => number
  ask<T>(work: (store: EventStore) => Promise<T>): Promise<T>
}

export class LinkRequests {
  readonly #desk: Desk
  #waiting = 0
  #last: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** Returns at once. @param from whose request it is: an address, never logged */
  take(typed: string, from: string): void {
    const { limits, log } = this.#desk
    const over = limits.count(`from ${from}`, most.ofAddress) || limits.count('all', most.inAll)
    // The first one is told, so that nobody fills the log.
    if (over === 1) log.warn({ outcome: 'too many' }, 'a link was asked for')
    if (over > 0 || this.#waiting >= MAX_WAITING) return
    this.#waiting++
    this.#last = this.#last
      .then(() => new Promise(resolve => setImmediate(resolve)))
      .then(() => (this.#isClosed ? undefined : this.#answer(typed)))
      .finally(() => this.#waiting--)
  }

  async #answer(typed: string): Promise<void> {
    const { ask, log, limits, signer, send, domains, publicUrl, now } = this.#desk
    const told = (level: 'info' | 'warn', outcome: string, fields: object = {}): void =>
      log[level]({ ...fields, outcome }, 'a link was asked for')
    try {
      const list = await ask(store => findList(store, typed, domains))
      if (list === undefined) return told('info', 'no list of ours, or not clear which')
      const named = { list: `${list.name}@${list.domain}` }
      const over = limits.count(`list ${list.value} ${list.domain}`, most.ofList)
      if (over === 1) told('warn', 'too many', named)
      if (over > 0) return
      const endsS = Math.floor(now() / 1000) + LINK_HOURS * 3600
      const token = signer.sign('mail', { list: list.value, domain: list.domain, endsS })
      const trouble = await send(list, `${publicUrl}open#${token}`).then(() => undefined, codeOf)
      if (trouble === undefined) told('info', 'sent', named)
      else told('warn', 'the mail server did not take it', { ...named, ...trouble })
    } catch (error) {
      if (error instanceof ShipperError) told('warn', 'the store cannot be asked', { code: error.code })
      else told('warn', 'a mistake of the program', { err: error })
    }
  }

  /** Once all that was asked for is done. */
  idle(): Promise<void> {
    return this.#last
  }

  /** What waits is dropped; the mail that is on its way goes out. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
  }
}

/** Of an error of the mail server, which may repeat addresses, only its numbers and names. */
function codeOf(error: unknown): object {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  return {
    ...(typeof code === 'string' && /^[A-Z_\d]{1,40}$/.test(code) ? { code } : {}),
    ...(typeof responseCode === 'number' ? { status: responseCode } : {}),
  }
}
