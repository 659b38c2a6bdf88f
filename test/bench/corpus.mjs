// A deterministic corpus: the five logs of a Mailman 2.1 that write nearly all of its lines, in the shares that a busy list host
// has them. One record is one event. Made once for each size and kept below the system's temporary directory.
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const cache = join(tmpdir(), `mailman-shipper-bench-${process.getuid?.() ?? 0}`)
export const logs = ['smtp', 'post', 'vette', 'smtp-failure', 'error']

const FIRST_SECOND = Date.UTC(2026, 0, 5) / 1000
const RECORDS_PER_SECOND = 40
const SEED = 20_260_105
const FLUSH_CHARACTERS = 1 << 20

/**
 * @param {number} records
 * @returns {{ directory: string, records: number, lines: number, bytes: number }} `directory` holds the logs and nothing else
 */
export function prepareCorpus(records) {
  // Another generator makes another corpus: its own text is part of the name.
  const version = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 8)
  const folder = join(cache, `corpus-${version}-${records}`)
  const about = join(folder, 'about.json')
  if (!existsSync(about)) {
    const unfinished = `${folder}.${process.pid}`
    mkdirSync(join(unfinished, 'logs'), { recursive: true, mode: 0o700 })
    writeFileSync(join(unfinished, 'about.json'), JSON.stringify(write(join(unfinished, 'logs'), records)))
    rmSync(folder, { recursive: true, force: true })
    renameSync(unfinished, folder)
  }
  return { directory: join(folder, 'logs'), records, ...JSON.parse(readFileSync(about, 'utf8')) }
}

function write(directory, records) {
  const files = new Map(logs.map(log => [log, { handle: openSync(join(directory, log), 'w'), text: '' }]))
  const flush = file => {
    writeSync(file.handle, file.text)
    file.text = ''
  }
  const make = createRecords()
  let lines = 0
  let bytes = 0
  for (let i = 0; i < records; i++) {
    const { log, text } = make(i)
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
    bytes += text.length // all of it is ASCII
    const file = files.get(log)
    file.text += text
    if (file.text.length >= FLUSH_CHARACTERS) flush(file)
  }
  for (const file of files.values()) {
    flush(file)
    closeSync(file.handle)
  }
  return { lines, bytes }
}

/** Record number → its log and text. To be called with 0, 1, 2…: each takes from the same sequence of random numbers. */
function createRecords() {
  const random = createRandom(SEED)
  const upTo = limit => Math.floor(random() * limit)
  const oneOf = list => list[upTo(list.length)]
  const pids = Array.from({ length: 6 }, () => 1000 + upTo(30_000))
  const people = Array.from({ length: 500 }, (_, i) => `${oneOf(names)}.${oneOf(families)}${i}`)
  const person = () => `${oneOf(people)}@${oneOf(domains)}`
  const list = () => `${oneOf(topics)}-${oneOf(groups)}`

  return number => {
    const second = FIRST_SECOND + Math.floor(number / RECORDS_PER_SECOND)
    const stamp = `${stampOf(second)} (${oneOf(pids)}) `
    const id = `<${second}.${number.toString(36)}.${upTo(2 ** 31).toString(16)}@${oneOf(domains)}>`
    const share = upTo(100)
    if (share < 35) {
      const recipients = 1 + Math.floor(random() * random() * 900)
      const seconds = (recipients * 0.02 + random()).toFixed(3)
      return { log: 'smtp', text: `${stamp}${id} smtp to ${list()} for ${recipients} recips, completed in ${seconds} seconds\n` }
    }
    if (share < 65) {
      const end = upTo(100) < 97 ? 'success' : `${1 + upTo(9)} failures`
      const post = `post to ${list()} from ${person()}, size=${900 + upTo(60_000)}, message-id=${id}, ${end}`
      return { log: 'post', text: `${stamp}${post}\n` }
    }
    if (share < 85) {
      const held = `${list()} post from ${person()} held, message-id=${id}: ${oneOf(reasons)}`
      return { log: 'vette', text: `${stamp}${upTo(100) < 85 ? held : `Message discarded, msgid: ${id}`}\n` }
    }
    if (share < 99) {
      const recipient = person()
      const [code, reply] = oneOf(refusals)
      const refused = `delivery to ${recipient} failed with code ${code}: ${reply.replace('@', `<${recipient}>`)}`
      const broken = `Low level smtp error: [Errno 111] Connection refused, msgid: ${id}`
      return { log: 'smtp-failure', text: `${stamp}${upTo(100) < 70 ? refused : broken}\n` }
    }
    if (upTo(2) === 0) return { log: 'error', text: `${stamp}SHUNTING: ${second}.${upTo(1e6)}+${upTo(2 ** 40).toString(16)}\n` }
    // Two records of Mailman's, one event: Queue/Runner.py logs the exception, then the traceback.
    const error = `'ascii' codec can't decode byte 0xe4 in position ${upTo(80)}: ordinal not in range(128)`
    const text = `${stamp}Uncaught runner exception: ${error}\n${stamp}${traceback}UnicodeDecodeError: ${error}\n\n`
    return { log: 'error', text }
  }
}

let lastSecond = -1
let lastStamp = ''

/** `Jan 05 00:00:00 2026`; the corpus says it is UTC. */
function stampOf(second) {
  if (second === lastSecond) return lastStamp
  const [, day, month, year, time] = new Date(second * 1000).toUTCString().split(' ')
  lastSecond = second
  lastStamp = `${month} ${day} ${time} ${year}`
  return lastStamp
}

/** A small generator with 32 bits of state (Marsaglia's xorshift): numbers from 0 to below 1, the same on every machine. */
function createRandom(seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy']
const families = ['abbott', 'baker', 'cook', 'draper', 'fisher']
const domains = ['example.org', 'example.com', 'example.net', 'mail.example.edu', 'lists.example.de']
const topics = ['announce', 'board', 'dev', 'docs', 'help', 'kernel', 'staff', 'users']
const groups = ['east', 'north', 'south', 'west', 'world']
const reasons = [
  'Post by non-member to a members-only list',
  'Message has implicit destination',
  'Message body is too big: 140233 bytes with a limit of 40 KB',
  'Post to moderated list',
  'Too many recipients to the message',
  'Message has a suspicious header',
]
/** Code, and the reply with `@` where the recipient stands. */
const refusals = [
  [550, '5.1.1 @: Recipient address rejected: User unknown in virtual mailbox table'],
  [554, '5.7.1 @: Relay access denied'],
  [452, '4.2.2 @: Mailbox full'],
  [450, '4.7.1 @: Recipient address rejected: Greylisted, try again in 300 seconds'],
]
const traceback = `Traceback (most recent call last):
  File "/usr/lib/mailman/Mailman/Queue/Runner.py", line 119, in _oneloop
    self._onefile(msg, msgdata)
  File "/usr/lib/mailman/Mailman/Queue/Runner.py", line 190, in _onefile
    keepqueued = self._dispose(mlist, msg, msgdata)
  File "/usr/lib/mailman/Mailman/Handlers/Decorate.py", line 58, in process
    uheader = header.encode('ascii')
`
