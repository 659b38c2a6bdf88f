// Lines a CPU-second, log by log, with nothing else in the process: `node parsers.mjs CONFIG LOGS-DIRECTORY` prints JSON.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logs } from './corpus.mjs'
import { built } from './program.mjs'

const [config, directory] = process.argv.slice(2)
const { loadConfig } = await import(built('src/config/load.js'))
const { createSources } = await import(built('src/events/source.js'))
const { EventAssembler } = await import(built('src/events/assemble.js'))
const { parsers, readStamp } = await import(built('parsers/_index.js'))

const MAX_LINES = 50_000
const MEASURE_MS = 1_000

const sourceOf = createSources(await loadConfig(config), Date.now)
const results = []
for (const log of logs) {
  const path = join(directory, log)
  let end = 0
  const lines = readFileSync(path, 'latin1')
    .split('\n', MAX_LINES)
    .map(text => {
      const start = end
      end = start + text.length + 1
      return { text, start, end }
    })
  const { patterns } = parsers.get(log)
  const texts = lines.flatMap(({ text }) => {
    const stamp = readStamp(text)
    return stamp === undefined ? [] : [text.slice(stamp.textStart)]
  })

  /** How many of the texts a template knows. */
  const match = () => {
    let known = 0
    for (const text of texts) if (patterns.some(pattern => pattern.match(text) !== undefined)) known++
    return known
  }
  /** How many events the lines become. */
  const assemble = () => {
    const events = []
    const start = { path, firstLine: lines[0].text, offset: 0, context: { lastMs: 0 }, cuts: [] }
    const assembler = new EventAssembler(sourceOf(log, path), start)
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
