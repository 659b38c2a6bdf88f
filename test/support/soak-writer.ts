/**
 * Eleven logs, written at a steady pace as Mailman 2.1 does: whole records, of one or several lines, appended to files that stay
 * open until `reopen`. Each log counts its own records from 0; the number is in a message id of the record, and what a record's
 * event must hold follows from log and number alone.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageIdOf } from './mailman-writer.js'

/** A turn of the writer, a record each; the busy logs of a host come oftener. */
const TURN =
  'post smtp vette smtp post smtp-failure smtp post bounce smtp subscribe post smtp vette digest smtp qrunner post smtp mischief error'
const LOGS = TURN.split(' ')
export const SOAK_LOGS: ReadonlySet<string> = new Set(LOGS)

const TICK_MS = 50

/** The lines of a record, without their stamps. */
export function recordOf(log: string, number: number): string[] {
  const id = messageIdOf(number)
  switch (log) {
    case 'post':
      return [`post to dev from ann@example.org, size=${number}, message-id=<${id}>, success`]
    case 'smtp':
      return [`<${id}> smtp to dev for 12 recips, completed in 0.${number % 10} seconds`]
    case 'vette':
      return number % 3 === 0
        ? ['dev: Discarded posting:', '\tFrom: frank@example.net', '\tSubject: Hello', `\tReason: as ${id}`]
        : [`Dev post from bob@example.net held, message-id=<${id}>: Post by non-member to a members-only list`]
    case 'smtp-failure':
      return number % 2 === 0
        ? ['SMTP session failure: 554, 5.7.1 Message refused', `for policy reasons, msgid: <${id}>`]
        : [`delivery to eve@example.net failed with code 550: 5.7.1 <eve@example.net>: no, msgid: <${id}>`]
    case 'bounce':
      return [`dev: ${id} current bounce score: 2.0`]
    case 'subscribe':
      return [`dev: pending Ann Smith <${id}>  192.0.2.7`]
    case 'qrunner':
      return ['Master qrunner detected subprocess exit', `(pid: 7, sig: 9, sts: None, class: ${id}, slice: 1/1) [restarting]`]
    case 'error':
      return number % 2 === 0 ? exceptionOf(id) : [`SHUNTING: 1795400000.1+${id}`]
    default:
      return [`${log} of ${id}`]
  }
}

const exceptionOf = (id: string): string[] => [
  `Uncaught runner exception: [Errno 28] ${id}`,
  'Traceback (most recent call last):',
  '  File "/usr/lib/mailman/Mailman/Queue/Runner.py", line 120, in _oneloop',
  '    self._onefile(msg, msgdata)',
  `IOError: [Errno 28] ${id}`,
  '',
]

/** As Mailman writes them: the traceback of an exception has a stamp of its own. */
function textOf(log: string, number: number, stamp: string): string {
  const lines = recordOf(log, number)
  return lines.map((line, at) => `${at === 0 || line.startsWith('Traceback') ? stamp : ''}${line}\n`).join('')
}

export class SoakWriter {
  /** Records written, of each log. */
  readonly written = new Map<string, number>()
  lines = 0
  /** While it is set nothing is written. What was missed is not made up for. */
  paused = false
  readonly #directory: string
  readonly #open = new Map<string, number>()
  #turn = 0

  constructor(directory: string) {
    this.#directory = directory
    for (const log of LOGS) this.written.set(log, 0)
  }

  get records(): number {
    return [...this.written.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Writes until `ended`. @param rate lines in a second */
  async run(rate: number, ended: () => boolean): Promise<void> {
    let before = performance.now()
    let owed = 0
    while (!ended()) {
      await sleep(TICK_MS) // the pace of a writer, not a wait for anything
      const now = performance.now()
      if (!this.paused) owed += ((now - before) / 1000) * rate
      before = now
      owed -= this.#write(Math.floor(owed))
    }
  }

  /** Mailman's SIGHUP: from now on, lines go into the new files. */
  reopen(): void {
    for (const handle of this.#open.values()) closeSync(handle)
    this.#open.clear()
  }

  /** At least so many lines, unless that is none; returns how many. */
  #write(count: number): number {
    const { lines } = this
    const stamp = stampOf(new Date())
    const texts = new Map<string, string>()
    while (this.lines - lines < count) {
      const log = LOGS[this.#turn++ % LOGS.length]!
      const number = this.written.get(log)!
      this.written.set(log, number + 1)
      this.lines += recordOf(log, number).length
      texts.set(log, (texts.get(log) ?? '') + textOf(log, number, stamp))
    }
    for (const [log, text] of texts) writeSync(this.#handle(log), text)
    return this.lines - lines
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

/** `Nov 20 12:00:00 2026 (4711) `, in UTC. */
function stampOf(now: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/.exec(now.toUTCString())!
  return `${month} ${day} ${time} ${year} (4711) `
}
