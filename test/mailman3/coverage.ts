/**
 * Which lines of a directory of logs are in exactly one event, whatever name their file had when they were shipped. Lines of two
 * records may lie between each other: an event has its first line by its offset, and the others by their text.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStamp } from '../../parsers/_index.js'
import { redact } from '../../src/events/redact.js'
import type { StoredDocument } from '../support/stored.js'

interface LogFile {
  readonly name: string
  readonly lines: readonly string[]
  /** Byte offset → number of the line that begins there. */
  readonly numbers: ReadonlyMap<number, number>
  /** The events that begin in it, by the number of their first line. */
  readonly events: Map<number, StoredDocument>
}

/** What is not as it should be, a sentence each; none: every line is in exactly one event. */
export function findGaps(directory: string, documents: readonly StoredDocument[]): string[] {
  const files = readdirSync(directory).map(name => readLines(directory, name))
  const problems: string[] = []
  for (const document of documents) {
    const {
      offset,
      file: { path },
    } = document.log
    const [first] = document.message.split('\n')
    const found = files.find(({ name, lines, numbers, events }) => {
      const number = numbers.get(offset)
      if (number === undefined || logOf(name) !== logOf(path) || events.has(number)) return false
      return lines[number]!.includes(beginOf(first!))
    })
    if (found === undefined) problems.push(`${path}: no line at ${offset} that is free begins with ${first}`)
    else found.events.set(found.numbers.get(offset)!, document)
  }
  for (const file of files) problems.push(...findFree(file))
  return problems
}

function findFree({ name, lines, events }: LogFile): string[] {
  const problems: string[] = []
  const taken = new Set(events.keys())
  for (const [number, { message }] of [...events].sort(([a], [b]) => a - b)) {
    let last = number
    for (const text of message.split('\n').slice(1)) {
      const next = lines.findIndex((line, at) => at > last && !taken.has(at) && isOf(line, beginOf(text)))
      if (next < 0) {
        problems.push(`${name}: no free line behind ${last} begins with ${text}`)
        break
      }
      taken.add(next)
      last = next
    }
  }
  const free = lines.findIndex((_, number) => !taken.has(number))
  if (free >= 0) problems.push(`${name}: ${lines.length - taken.size} lines in no event, the first is ${free}: ${lines[free]}`)
  return problems
}

function readLines(directory: string, name: string): LogFile {
  const lines = readFileSync(join(directory, name), 'latin1').split('\n').slice(0, -1)
  const numbers = new Map<number, number>()
  let offset = 0
  lines.forEach((line, number) => {
    numbers.set(offset, number)
    offset += line.length + 1
  })
  // A token that confirms is in no event.
  return { name, lines: lines.map(redact), numbers, events: new Map() }
}

/** A traceback that joined its exception has a stamp of its own. */
function isOf(line: string, begin: string): boolean {
  return beginOf(line) === begin || beginOf(line.slice(readStamp(line)?.textStart ?? 0)) === begin
}

/** `mailman` of `/var/log/mailman3/mailman.log.1`. */
const logOf = (path: string): string => /([^/]+)\.log(?:\.\d+)?$/.exec(path)![1]!

/** Printable ASCII only, so that a byte string and its text compare; not the carriage return of a folded header. */
const beginOf = (text: string): string => /^[\t\x20-\x7e]{0,60}/.exec(text)![0]
