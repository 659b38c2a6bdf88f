/** Which lines of a directory of logs are in exactly one event, whatever name their file had when they were shipped. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStamp } from '../../parsers/_index.js'
import type { StoredDocument } from '../support/stored.js'

interface File {
  readonly name: string
  /** Byte offset → the line that begins there, its number and how it begins behind its stamp. */
  readonly lines: ReadonlyMap<number, { readonly number: number; readonly begin: string }>
  readonly events: StoredDocument[]
}

/** What is not as it should be, a sentence each; none: every line is in exactly one event. */
export function findGaps(directory: string, documents: readonly StoredDocument[]): string[] {
  const files = readdirSync(directory).map(name => readLines(directory, name))
  const problems: string[] = []
  for (const document of documents) {
    const log = logOf(document.log.file.path.split('/').at(-1)!)
    const begin = beginOf(document.message)
    const file = files.find(
      ({ name, lines }) => logOf(name) === log && lines.get(document.log.offset)?.begin.startsWith(begin) === true,
    )
    if (file === undefined) problems.push(`${log}: no line at ${document.log.offset} begins with ${begin}`)
    else file.events.push(document)
  }
  for (const { name, lines, events } of files) {
    let next = 0
    for (const { log, message } of events.sort((a, b) => a.log.offset - b.log.offset)) {
      const { number } = lines.get(log.offset)!
      if (number !== next) {
        problems.push(`${name}: an event begins with line ${number} where ${next} is due`)
        break
      }
      next += message.split('\n').length
    }
    if (next !== lines.size) problems.push(`${name}: ${lines.size} lines, ${next} in ${events.length} events`)
  }
  return problems
}

function readLines(directory: string, name: string): File {
  const lines = new Map<number, { number: number; begin: string }>()
  let offset = 0
  for (const line of readFileSync(join(directory, name), 'latin1').split('\n').slice(0, -1)) {
    lines.set(offset, { number: lines.size, begin: beginOf(line.slice(readStamp(line)?.textStart ?? 0)) })
    offset += line.length + 1
  }
  return { name, lines, events: [] }
}

const logOf = (name: string): string => name.replace(/\.log(?:\.\d+)?$/, '')

// ASCII only, so that a byte string and its text compare.
const beginOf = (text: string): string => /^[\x20-\x7e]{0,60}/.exec(text)![0]
