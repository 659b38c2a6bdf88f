// What must stay bounded, whatever happens: memory, the time for which nothing else is done, open files, state. Linux only.
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { writeHostileLines, writeLongLine, writeManyLogs, writeRecipients, writeRotating } from './bounded-logs.mjs'
import { cache, prepareCorpus } from './corpus.mjs'
import { prepareRun, start } from './program.mjs'

const BYTES_PER_RECORD = 151
const STORE_RECORDS = 1_000_000
const SAMPLE_MS = 100
const APPENDS_PER_SECOND = 500
const MANY_LOGS_SECONDS = 30
const ROTATE_MS = 2_000
const DELIVERED_WITHIN_MS = 300_000

/** @returns `[part of the name, measure]`; `measure(sink)` runs the program once */
export function boundedScenarios({ backlogMb, outageSeconds }) {
  const backlog = () => prepareCorpus(Math.ceil((backlogMb * 1e6) / BYTES_PER_RECORD))
  const capped = () => prepareCorpus(Math.min(STORE_RECORDS, Math.ceil((backlogMb * 1e6) / BYTES_PER_RECORD)))
  return [
    [`backlog of ${backlogMb} MB, bulk sink`, sink => shipOnce(backlog, sink)],
    ['backlog, embedded store (at most 1M records)', () => shipOnce(capped)],
    ['1,000 watched files', measureManyLogs],
    ['lines with 10,000 recipients', sink => inLogs(logs => shipOnce(() => writeRecipients(logs, 100), sink, logs))],
    ['the same, addresses hashed', sink => inLogs(logs => shipOnce(() => writeRecipients(logs, 100), sink, logs, hashed(logs)))],
    ['a line of 100 MB', sink => inLogs(logs => shipOnce(() => writeLongLine(logs, 100), sink, logs))],
    ['hostile lines of 1 MiB', sink => inLogs(logs => shipOnce(() => writeHostileLines(logs), sink, logs))],
    ['the same, all hashed', sink => inLogs(logs => shipOnce(() => writeHostileLines(logs), sink, logs, hashed(logs)))],
    [`outage of ${outageSeconds} s, rotations`, sink => measureOutage(sink, outageSeconds)],
  ]
}

/** A fresh directory for logs, removed when `work` is done. */
async function inLogs(work) {
  const directory = mkdtempSync(join(cache, 'logs-'))
  const logs = join(directory, 'logs')
  mkdirSync(logs)
  try {
    return await work(logs)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function hashed(logs) {
  const keyFile = join(logs, '../key')
  writeFileSync(keyFile, 'a key for a measurement', { mode: 0o600 })
  return { privacy: { addresses: 'hash', names: 'hash', subjects: 'hash', ips: 'hash', keyFile } }
}

/** All that is there, by `run --once`. @param sink absent: to the embedded store */
async function shipOnce(make, sink, logs, options = {}) {
  const made = make()
  const { documents = made.records, bytes } = made
  const run = prepareRun(logs ?? made.directory, sink === undefined ? options : { ...toSink(sink), ...options })
  try {
    await sink?.reset()
    const { ended, observed } = observe(run, ['run', '--once'])
    const usage = await ended
    if (sink !== undefined) await exactly(sink, documents)
    return { documents, bytes, ...usage, ...observed() }
  } finally {
    run.remove()
  }
}

/** The agent follows a thousand files, to which lines are appended in turn. */
function measureManyLogs(sink) {
  return inLogs(async logs => {
    const { directories, documents, bytes, append } = writeManyLogs(logs)
    return follow(directories, sink, async () => {
      await sink.until(documents, DELIVERED_WITHIN_MS)
      const from = performance.now()
      const lines = APPENDS_PER_SECOND * MANY_LOGS_SECONDS
      for (let number = 0; number < lines; number++) {
        append(number)
        const ahead = (number / APPENDS_PER_SECOND) * 1000 - (performance.now() - from)
        if (ahead > SAMPLE_MS) await wait(ahead)
      }
      return { documents: documents + lines, bytes }
    })
  })
}

/** Nothing is taken for a while, in which logs are written and rotated; then everything is. */
function measureOutage(sink, seconds) {
  const corpus = prepareCorpus(20_000)
  return inLogs(logs =>
    follow(logs, sink, async () => {
      const { again } = writeRotating(logs, corpus)
      let made = again()
      await sink.until(made.documents)
      await sink.down(true)
      for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
        made = again()
        await wait(ROTATE_MS)
      }
      await sink.down(false)
      return made
    }),
  )
}

async function follow(directories, sink, work) {
  const run = prepareRun(directories, toSink(sink))
  await sink.reset()
  const { child, ended, observed } = observe(run, ['run'])
  let done
  try {
    const { documents, bytes } = await Promise.race([work(), ended])
    await Promise.race([sink.until(documents, DELIVERED_WITHIN_MS), ended])
    done = { documents, bytes }
  } finally {
    child.kill('SIGTERM')
    await ended.finally(() => run.remove())
    await sink.down(false)
  }
  await exactly(sink, done.documents)
  return { ...done, ...(await ended), ...observed() }
}

const toSink = sink => ({ elasticsearch: { nodes: [sink.url], compression: 'none' } })

async function exactly(sink, expected) {
  const { documents } = await sink.counts()
  if (documents !== expected) throw new Error(`${documents} documents came, ${expected} were expected`)
}

/** The program, and what it has open and keeps at most, as far as a look every 100 ms sees it. */
function observe(run, args) {
  const started = start(run, [...args, '--log-level', 'silent', '--config', run.config], { loop: true })
  const most = { openFiles: 0, openLogs: 0, stateBytes: 0 }
  const timer = setInterval(() => {
    try {
      const open = openFilesOf(started.child.pid)
      const openLogs = open.filter(path => path.startsWith(cache) && !path.startsWith(run.directory)).length
      most.openFiles = Math.max(most.openFiles, open.length)
      most.openLogs = Math.max(most.openLogs, openLogs)
      most.stateBytes = Math.max(most.stateBytes, stateBytesOf(run))
    } catch {} // it has just ended, or a file of its state was just replaced
  }, SAMPLE_MS)
  const ended = started.ended.finally(() => clearInterval(timer))
  return { ...started, ended, observed: () => most }
}

function openFilesOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).flatMap(handle => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${handle}`)]
    } catch {
      return [] // closed meanwhile
    }
  })
}

/** What stays: neither the events of the embedded store nor the file that is just being written to take an older one's place. */
function stateBytesOf({ directory }) {
  const state = join(directory, 'state')
  const names = readdirSync(state).filter(name => !name.startsWith('events.db') && !name.endsWith('.new'))
  return names.reduce((sum, name) => sum + statSync(join(state, name)).size, 0)
}
