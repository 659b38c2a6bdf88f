/**
 * Logs on a disk, and what is known of them: which lines each file holds, and which lines are owed. A line is owed from its newline
 * on, until its last bytes are gone. A file that was deleted while the agent had it open still counts, for as long as that agent lives.
 */
import {
  chmodSync,
  closeSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Log } from './actions.js'

interface LogFile {
  text: string
  /** Counts up with each file that a log begins anew. */
  readonly life: number
  /** A running agent has it open. */
  isOpen: boolean
  isUnreadable: boolean
  /** When it was last written to. */
  writtenMs: number
}

/** A rotated file that nobody wrote to for so long is closed by the agent, once it is read (src/files/generation.ts). */
const QUIET_MS = 60_000

export interface WrittenLine {
  readonly log: Log
  /** The line and its newline. */
  readonly text: string
  readonly life: number
}

export const numbersOf = (text: string): number[] => [...text.matchAll(/n(\d{6})x/g)].map(([, digits]) => Number(digits))

function lineOf(log: Log, number: number): string {
  const id = `n${`${number}`.padStart(6, '0')}x`
  const time = new Date(43_200_000 + number * 1_000).toISOString().slice(11, 19)
  const stamp = `Nov 20 ${time} 2026 (7)`
  if (log === 'vette')
    return `${stamp} Dev post from a@example.org held, message-id=<${id}@example.org>: Post to moderated list\n`
  if (log === 'post') return `${stamp} post to dev from a@example.org, size=1, message-id=<${id}@example.org>, success\n`
  // Records of one line, of several, and lines that follow nothing.
  return [
    `${stamp} SHUNTING: ${id}\n`,
    `${stamp} Uncaught runner exception: ${id}\n`,
    `  File "/x/${id}.py", line 1, in f\n`,
    `KeyError: ${id}\n`,
  ][number % 4]!
}

/** The complete lines of a file, by their numbers. */
const linesOf = ({ text }: { text: string }): number[] => numbersOf(text.slice(0, text.lastIndexOf('\n') + 1))

export class World {
  /** By their numbers. */
  readonly lines: WrittenLine[] = []
  /** Lines of which no agent may have seen the bytes: they may be stored, and need not be. */
  readonly excused = new Set<number>()
  /** Lines that were written in two pieces. */
  readonly halved = new Set<number>()
  readonly directory: string
  readonly #now: (() => number) | undefined
  readonly #files = new Map<string, LogFile>()
  readonly #writers = new Map<Log, { readonly handle: number; readonly file: LogFile; rest: string }>()
  /** Deleted files that an agent has open. */
  #held: LogFile[] = []
  #lives = 0

  /** @param now where files get their times from; undefined: the system */
  constructor(directory: string, now?: () => number) {
    this.directory = directory
    this.#now = now
  }

  write(log: Log, count: number): void {
    this.#append(log, this.#finishLine(log) + this.#newLines(log, count))
  }

  writePart(log: Log, percent: number): void {
    const begun = this.#finishLine(log)
    this.halved.add(this.lines.length)
    const line = this.#newLines(log, 1)
    const length = Math.min(line.length - 1, Math.max(1, Math.floor((line.length * percent) / 100)))
    this.#append(log, begun + line.slice(0, length))
    this.#writers.get(log)!.rest = line.slice(length)
  }

  reopen(log: Log): void {
    const writer = this.#writers.get(log)
    if (writer === undefined) return
    this.#append(log, this.#finishLine(log))
    closeSync(writer.handle)
    this.#writers.delete(log)
  }

  /** logrotate's `create`; the writer goes on in the renamed file. */
  rotate(log: Log): void {
    if (!this.#files.has(log)) return
    this.#shift(log)
    this.#rename(log, `${log}.1`)
    this.#create(log)
  }

  copyTruncate(log: Log, late: number): void {
    const file = this.#files.get(log)
    if (file === undefined) return
    this.reopen(log) // a half line would be cut in two
    this.#shift(log)
    this.#put(`${log}.1`, { ...file, isOpen: false, isUnreadable: false }, file.text)
    if (late > 0) this.write(log, late)
    this.truncate(log)
  }

  truncate(log: Log): void {
    const file = this.#files.get(log)
    if (file === undefined) return
    this.reopen(log)
    truncateSync(join(this.directory, log))
    this.#files.set(log, { ...file, text: '', life: this.#lives++, isOpen: false })
    this.#touch(log)
    this.#gone(file)
  }

  /** @param meanwhile happens when half of the .gz is there */
  async gzip(log: Log, meanwhile?: () => Promise<unknown>): Promise<void> {
    const name = `${log}.1`
    const file = this.#files.get(name)
    if (file === undefined || this.#files.has(`${name}.gz`)) return
    const bytes = gzipSync(file.text)
    const path = join(this.directory, `${name}.gz`)
    if (meanwhile !== undefined) {
      writeFileSync(path, bytes.subarray(0, bytes.length / 2))
      this.#touch(`${name}.gz`)
      await meanwhile()
    }
    this.#put(`${name}.gz`, { ...file, isOpen: false, isUnreadable: false }, bytes)
    this.#touch(`${name}.gz`, name)
    this.#unlink(name)
  }

  delete(name: string): void {
    if (this.#files.has(name)) this.#unlink(name)
  }

  /** Takes the right to read it away, or gives it back. */
  chmod(name: string): void {
    const file = this.#files.get(name)
    if (file === undefined) return
    file.isUnreadable = !file.isUnreadable
    chmodSync(join(this.directory, name), file.isUnreadable ? 0 : 0o644)
  }

  /** Everything may be read again. */
  heal(): void {
    for (const [name, file] of this.#files) if (file.isUnreadable) this.chmod(name)
  }

  get isReadable(): boolean {
    return ![...this.#files.values()].some(file => file.isUnreadable)
  }

  /** Lines that can be read now. */
  get readable(): number[] {
    return [...this.#files.values()].flatMap(linesOf)
  }

  /** Lines that must be stored, once there was time for it. */
  get owed(): number[] {
    const owed = [...this.readable, ...this.#held.flatMap(linesOf)]
    return [...new Set(owed)].filter(number => !this.excused.has(number))
  }

  /** An agent has looked at all files, and has open what it may read. */
  looked(): void {
    for (const [name, file] of this.#files)
      if (file.text !== '' && !file.isUnreadable && !name.endsWith('.gz') && !this.#isCopied(file))
        file.isOpen = !name.includes('.') || this.#time() - file.writtenMs < QUIET_MS
  }

  /** It has ended: what only it could read is gone. */
  ended(): void {
    for (const file of this.#files.values()) file.isOpen = false
    const held = this.#held
    this.#held = []
    for (const file of held) this.#gone(file)
  }

  close(): void {
    for (const { handle } of this.#writers.values()) closeSync(handle)
  }

  #newLines(log: Log, count: number): string {
    const from = this.lines.length
    for (let number = from; number < from + count; number++)
      this.lines.push({ log, text: lineOf(log, number), life: this.#writer(log).file.life })
    return this.lines
      .slice(from)
      .map(({ text }) => text)
      .join('')
  }

  #finishLine(log: Log): string {
    const writer = this.#writer(log)
    const { rest } = writer
    writer.rest = ''
    return rest
  }

  #append(log: Log, text: string): void {
    const { handle, file } = this.#writer(log)
    writeSync(handle, text)
    const before = file.text.lastIndexOf('\n') + 1
    file.text += text
    file.writtenMs = this.#time()
    for (const [name, other] of this.#files) if (other === file) this.#touch(name)
    if (![...this.#files.values()].includes(file))
      for (const number of numbersOf(file.text.slice(before))) this.excused.add(number)
  }

  #writer(log: Log): { readonly handle: number; readonly file: LogFile; rest: string } {
    let writer = this.#writers.get(log)
    if (writer === undefined) {
      if (!this.#files.has(log)) this.#create(log)
      writer = { handle: openSync(join(this.directory, log), 'a'), file: this.#files.get(log)!, rest: '' }
      this.#writers.set(log, writer)
    }
    return writer
  }

  #create(log: Log): void {
    this.#put(log, { text: '', life: this.#lives++, isOpen: false, isUnreadable: false, writtenMs: this.#time() }, '')
  }

  #put(name: string, file: LogFile, content: string | Buffer): void {
    writeFileSync(join(this.directory, name), content, { mode: 0o644 })
    this.#files.set(name, file)
    this.#touch(name)
  }

  /** Numbered copies move on by one. */
  #shift(log: Log): void {
    for (let number = 9; number >= 1; number--)
      for (const gz of ['', '.gz'])
        if (this.#files.has(`${log}.${number}${gz}`)) this.#rename(`${log}.${number}${gz}`, `${log}.${number + 1}${gz}`)
  }

  #rename(from: string, to: string): void {
    const over = this.#files.get(to)
    renameSync(join(this.directory, from), join(this.directory, to))
    this.#files.set(to, this.#files.get(from)!)
    this.#files.delete(from)
    if (over !== undefined) this.#gone(over)
  }

  #unlink(name: string): void {
    const file = this.#files.get(name)!
    unlinkSync(join(this.directory, name))
    this.#files.delete(name)
    if (file.isOpen) this.#held.push(file)
    else this.#gone(file)
  }

  /** Its bytes are there no more; its lines are owed no more, unless they stand elsewhere. */
  #gone(file: LogFile): void {
    const still = new Set([...this.readable, ...this.#held.flatMap(linesOf)])
    for (const number of numbersOf(file.text)) if (!still.has(number)) this.excused.add(number)
  }

  #time(): number {
    return this.#now?.() ?? Date.now()
  }

  #isCopied(file: LogFile): boolean {
    return [...this.#files.values()].some(other => other !== file && other.life === file.life)
  }

  /** @param like the file whose time it gets */
  #touch(name: string, like?: string): void {
    const path = join(this.directory, name)
    if (like !== undefined) {
      const { atime, mtime } = statSync(join(this.directory, like))
      utimesSync(path, atime, mtime)
    } else if (this.#now !== undefined) utimesSync(path, this.#now() / 1000, this.#now() / 1000)
  }
}
