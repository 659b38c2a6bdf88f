/**
 * Writes logs as Mailman does: whole lines, appended to a file that stays open until `reopen`, so that after a rotation lines
 * still arrive in the renamed file. Every line has a number in its message id.
 */
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const LOGS = ['post', 'smtp', 'vette', 'smtp-failure'] as const

export class MailmanWriter {
  /** The number of the next line; as many were written. */
  next = 0
  #rotations = 0
  readonly #directory: string
  readonly #open = new Map<string, number>()

  constructor(directory: string) {
    this.#directory = directory
  }

  append(count: number): void {
    const texts = new Map<string, string>()
    for (let i = 0; i < count; i++) {
      const number = this.next++
      const log = LOGS[number % LOGS.length]!
      texts.set(log, (texts.get(log) ?? '') + lineOf(log, number))
    }
    for (const [log, text] of texts) writeSync(this.#handle(log), text)
  }

  /** logrotate's `create`: each file gets the next number, none is removed; the writer goes on in the renamed one. */
  rotate(): void {
    this.#rotations++
    for (const log of LOGS) {
      const path = join(this.#directory, log)
      for (let number = this.#rotations; number >= 1; number--) {
        if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
      }
      if (existsSync(path)) renameSync(path, `${path}.1`)
      closeSync(openSync(path, 'a'))
    }
  }

  /** Mailman's SIGHUP: from now on, lines go into the new files. */
  reopen(): void {
    for (const handle of this.#open.values()) closeSync(handle)
    this.#open.clear()
  }

  #handle(log: string): number {
    let handle = this.#open.get(log)
    if (handle === undefined) {
      handle = openSync(join(this.#directory, log), 'a')
      this.#open.set(log, handle)
    }
    return handle
  }
}

/** Number → its message id, and back. */
export const messageIdOf = (number: number): string => `n${number}@example.org`
export const numberOf = (text: string): number => Number(/n(\d+)@example\.org/.exec(text)?.[1] ?? Number.NaN)

function lineOf(log: (typeof LOGS)[number], number: number): string {
  const second = 43_200 + Math.floor(number / 500)
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
    .map(part => `${part}`.padStart(2, '0'))
    .join(':')
  const stamp = `Nov 20 ${clock} 2026 (${1000 + (number % 7)})`
  const id = `<${messageIdOf(number)}>`
  switch (log) {
    case 'post':
      return `${stamp} post to dev from ann@example.org, size=${number}, message-id=${id}, success\n`
    case 'smtp':
      return `${stamp} ${id} smtp to dev for 12 recips, completed in 0.${number % 10} seconds\n`
    case 'vette':
      return `${stamp} Dev post from bob@example.net held, message-id=${id}: Post by non-member to a members-only list\n`
    default:
      return `${stamp} Low level smtp error: [Errno 111] Connection refused, msgid: ${id}\n`
  }
}
