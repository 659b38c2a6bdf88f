// What the scenarios of bounded.mjs are given to read: each makes a directory of logs, and says how many documents become of it.
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { logs } from './corpus.mjs'

const STAMP = 'Jan 05 00:00:00 2026 (7) '
const MEGABYTE = 1_000_000
/** Lines that are longer are cut there; so this is the longest that is looked at whole. */
const LONGEST_LINE = 1 << 20
const DIRECTORIES = 125
const LOGS_IN_EACH = ['smtp', 'post', 'vette', 'smtp-failure', 'error', 'bounce', 'subscribe', 'qrunner']

const postLine = number => `${STAMP}post to dev from a@example.org, size=900, message-id=<${number}@example.org>, success\n`

/** `count` records that name ten thousand recipients each, and some ordinary ones beside them. */
export function writeRecipients(directory, count) {
  const refused = Array.from({ length: 10_000 }, (_, i) => `'reader${i}@example.org': (550, 'no such user')`).join(', ')
  const line = number => `${STAMP}All recipients refused: {${refused}}, msgid: <${number}@example.org>\n`
  const bytes = write(join(directory, 'smtp-failure'), count, line) + write(join(directory, 'post'), 1_000, postLine)
  return { documents: count + 1_000, bytes }
}

/** One line of `megabytes`, and some ordinary ones before, behind and beside it. */
export function writeLongLine(directory, megabytes) {
  const before = write(join(directory, 'vette'), 100, vetteLine)
  const handle = openSync(join(directory, 'vette'), 'a')
  const part = Buffer.alloc(MEGABYTE, 'x')
  let bytes = before + writeSync(handle, `${STAMP}Dev post from `)
  for (let i = 0; i < megabytes; i++) bytes += writeSync(handle, part)
  for (let i = 0; i < 100; i++) bytes += writeSync(handle, i === 0 ? `\n${vetteLine(i)}` : vetteLine(i))
  closeSync(handle)
  return { documents: 100 + 1 + 100 + 1_000, bytes: bytes + write(join(directory, 'post'), 1_000, postLine) }
}

const vetteLine = number => `${STAMP}Message discarded, msgid: <${number}@example.org>\n`

/** How the busiest templates begin. */
const beginnings = {
  smtp: '<1@example.org> smtp to dev for ',
  post: 'post to dev from ',
  vette: 'dev post from ',
  'smtp-failure': 'delivery to ',
  error: 'Uncaught runner exception: ',
}
/** What makes work: where each of these begins, something that must be found or hidden could begin. */
const fillings = ['a@', 'a@b.', '?a=', '://a:', "pass='", 'password=', '/a', '1.2.', '::1', "'", '" ', '=?', 'é', '\t', 'Cookie ']

/** Lines of the greatest length that is looked at whole, of every kind that somebody could think of to make work. */
export function writeHostileLines(directory) {
  let bytes = 0
  for (const log of logs) {
    const line = number => {
      const start = STAMP + beginnings[log]
      const filling = Buffer.from(fillings[number])
      return Buffer.concat([Buffer.from(start), Buffer.alloc(LONGEST_LINE - start.length - 1, filling), Buffer.from('\n')])
    }
    bytes += write(join(directory, log), fillings.length, line)
  }
  return { documents: logs.length * fillings.length, bytes }
}

/** A thousand logs with a line each. */
export function writeManyLogs(directory) {
  const directories = Array.from({ length: DIRECTORIES }, (_, i) => join(directory, `list${i}`))
  const paths = directories.flatMap(each => LOGS_IN_EACH.map(log => join(each, log)))
  for (const each of directories) mkdirSync(each)
  let bytes = 0
  // Files with the same beginning would be taken for copies of one another.
  paths.forEach((path, i) => {
    bytes += write(path, 1, () => postLine(i))
  })
  const append = number => appendFileSync(paths[(number * 7) % paths.length], postLine(paths.length + number))
  return { directories, documents: paths.length, bytes, append }
}

/** Copies of the corpus, under the live names; `again` rotates them and writes new ones. */
export function writeRotating(directory, corpus) {
  const texts = new Map(logs.map(log => [log, readFileSync(join(corpus.directory, log))]))
  let generations = 0
  const again = () => {
    generations++
    // Their first line tells generations apart, and is the age of each.
    for (const [log, text] of texts) {
      const live = join(directory, log)
      if (generations > 1) renameSync(live, `${live}-${20_260_000 + generations}`)
      writeFileSync(live, `${STAMP}generation ${generations} of ${log}\n`)
      appendFileSync(live, text)
    }
    return { generations, documents: generations * (corpus.records + logs.length), bytes: generations * corpus.bytes }
  }
  return { again }
}

function write(path, count, line) {
  const handle = openSync(path, 'a')
  let bytes = 0
  for (let i = 0; i < count; i++) {
    const text = line(i)
    bytes += writeSync(handle, text)
  }
  closeSync(handle)
  return bytes
}
