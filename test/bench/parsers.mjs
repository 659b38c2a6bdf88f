// Lines a CPU-second of every parser, with nothing else in the process: `node parsers.mjs CONFIG LOGS-DIRECTORY` prints JSON. Logs
// that the corpus does not have are read from the real samples, over and over.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { built } from './program.mjs'

const [config, directory] = process.argv.slice(2)
const { loadConfig } = await import(built('src/config/load.js'))
const { createSources } = await import(built('src/events/source.js'))
const { EventAssembler } = await import(built('src/events/assemble.js'))
const { contextOf } = await import(built('src/events/context.js'))
const { mailmanOf } = await import(built('src/files/mailman.js'))
const { parsers } = await import(built('parsers/_index.js'))
const { readAnyStamp } = await import(built('parsers/_mailman3-line.js'))

const MAX_LINES = 50_000
const MEASURE_MS = 1_000

const sourceOf = createSources(await loadConfig(config), Date.now)
const results = []
const samples = fileURLToPath(new URL('../samples', import.meta.url))
/** Where lines of a log are; some logs have none but the golden ones. */
const placesOf = log => [
  join(directory, log),
  join(samples, 'mailman-2.1', log),
  join(samples, 'mailman-3', `${log}.log`),
  join(samples, `mailman-3/debug-levels-smtp-down/${log}.log`),
]
for (const log of parsers.keys()) {
  const path = placesOf(log).find(path => existsSync(path) && readFileSync(path).length > 0)
  if (path === undefined) continue
  const once = readFileSync(path, 'latin1').split('\n').slice(0, -1)
  let end = 0
  const lines = Array.from({ length: MAX_LINES }, (_, i) => once[i % once.length]).map(text => {
    const start = end
    end = start + text.length + 1
    return { text, start, end }
  })
  const { candidates } = parsers.get(log)
  const texts = lines.flatMap(({ text }) => {
    const stamp = readAnyStamp(text)
    return stamp === undefined ? [] : [text.slice(stamp.textStart)]
  })

  /** How many of the texts a template knows. */
  const match = () => {
    let known = 0
    for (const text of texts) if (candidates(text).some(pattern => pattern.match(text) !== undefined)) known++
    return known
  }
  /** How many events the lines become. */
  const assemble = () => {
    const events = []
    const start = { path, firstLine: lines[0].text, offset: 0, context: contextOf(undefined), cuts: [] }
    const assembler = new EventAssembler(sourceOf(log, mailmanOf(log, path, lines[0].text)), start)
    let count = 0
    for (const line of lines) {
      assembler.push(line, events)
      count += events.length
      events.length = 0
    }
    return count
  }
  results.push({
    log,
    known: match() / texts.length,
    matched: perCpuSecond(texts.length, match),
    assembled: perCpuSecond(lines.length, assemble),
  })
}
process.stdout.write(JSON.stringify(results))

/** @param work does something with each of `lines` lines */
function perCpuSecond(lines, work) {
  work() // compiled before it counts
  const before = process.cpuUsage()
  for (let rounds = 1; ; rounds++) {
    work()
    const { user, system } = process.cpuUsage(before)
    const ms = (user + system) / 1000
    if (ms >= MEASURE_MS) return (lines * rounds * 1000) / ms
  }
}
