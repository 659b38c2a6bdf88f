// Logs of any size for growth.mjs: always the same mixture of lines, only the number of lines, lists or files differs. They end a
// minute ago, since alerts look at what is recent.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const RECORDS_PER_SECOND = 40
const ENDED_SECONDS_AGO = 60
const FLUSH_CHARACTERS = 1 << 20

/**
 * @param directory that is there and empty
 * @param files so many of post, each in a directory of its own, which grow in turn; absent: smtp, post and vette in one directory
 * @returns {{ directories: string[], records: number, bytes: number }}
 */
export function writeLogs(directory, { records, lists = 100, files }) {
  const kinds = files === undefined ? [smtp, post, vette, post, smtp, smtp, post, vette] : [post]
  const places = Array.from({ length: files ?? 1 }, (_, i) => join(directory, `${i}`))
  const handles = new Map()
  for (const place of places) {
    mkdirSync(place)
    for (const { name } of new Set(kinds)) handles.set(join(place, name), { handle: openSync(join(place, name), 'w'), text: '' })
  }
  const firstSecond = Math.floor(Date.now() / 1000) - ENDED_SECONDS_AGO - Math.ceil(records / RECORDS_PER_SECOND)
  let bytes = 0
  const flush = file => {
    bytes += writeSync(file.handle, file.text)
    file.text = ''
  }
  for (let i = 0; i < records; i++) {
    const kind = kinds[i % kinds.length]
    const file = handles.get(join(places[i % places.length], kind.name))
    const second = firstSecond + Math.floor(i / RECORDS_PER_SECOND)
    // Neighbours are of different lists, and each list has all kinds.
    const list = `list-${(i * 7919 + Math.floor(i / kinds.length)) % lists}`
    file.text += `${stampOf(second)} (${1000 + (i % 6)}) ${kind(i, list, second)}\n`
    if (file.text.length >= FLUSH_CHARACTERS / places.length + 4096) flush(file)
  }
  for (const file of handles.values()) {
    flush(file)
    closeSync(file.handle)
  }
  return { directories: places, records, bytes }
}

const idOf = (number, second) => `<${second}.${number.toString(36)}@mail.example.org>`
const senderOf = number => `reader${(number * 31) % 5000}@example.org`
const reasons = ['Post by non-member to a members-only list', 'Post to moderated list', 'Message has a suspicious header']

function smtp(number, list, second) {
  return `${idOf(number, second)} smtp to ${list} for ${1 + (number % 400)} recips, completed in ${number % 9}.${number % 7} seconds`
}

function post(number, list, second) {
  return `post to ${list} from ${senderOf(number)}, size=${900 + (number % 60_000)}, message-id=${idOf(number, second)}, success`
}

function vette(number, list, second) {
  return `${list} post from ${senderOf(number)} held, message-id=${idOf(number, second)}: ${reasons[number % reasons.length]}`
}

let lastSecond = -1
let lastStamp = ''

/** `Jan 05 00:00:00 2026`, UTC. */
function stampOf(second) {
  if (second !== lastSecond) {
    const [, day, month, year, time] = new Date(second * 1000).toUTCString().split(' ')
    lastStamp = `${month} ${day} ${time} ${year}`
    lastSecond = second
  }
  return lastStamp
}
