// What a shipper costs, ours or one of its peers: it is started as a program that follows the logs, and measured from outside by the
// kernel's account until the sink has the last document.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { useOf } from './process-tree.mjs'
import { startShipper } from './shipper.mjs'

/** What comes within this time after the last document came twice. */
const LATE_MS = 300
const STAMPED = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \(\d+\) (?!Traceback)/

/** @returns CPU until the last document was taken, memory, and what came. @throws where not every record came as one document */
export async function measureThroughput(shipper, compression, corpus, sink) {
  warmUp(corpus)
  await sink.reset()
  const program = startShipper(shipper, corpus.directory, sink, compression)
  try {
    await program.alive(sink.until(corpus.records))
    const use = useOf(program.pid)
    await wait(LATE_MS)
    const { documents, requests, bodyBytes, wireBytes, lastAtMs, cpuSeconds } = await sink.counts()
    if (documents !== corpus.records) throw new Error(`${corpus.records} records became ${documents} documents`)
    const wallSeconds = (lastAtMs - program.startedAtMs) / 1000
    const bytes = { bodyBytes: bodyBytes / documents, wireBytes: wireBytes / documents }
    return { ...use, ...bytes, wallSeconds, requests, sinkCpuSeconds: cpuSeconds }
  } finally {
    await program.stop()
  }
}

/** The page cache has all logs before any program reads them. */
function warmUp({ directory }) {
  for (const name of readdirSync(directory)) readFileSync(join(directory, name))
}

/**
 * That each record came as exactly one document, and parsed. Ours have ids; the others keep the line, and as many different lines have
 * to come as there are.
 * @throws where not
 */
export async function verifyDocuments(shipper, compression, corpus, sink) {
  const hasIds = shipper.name === 'mailman-shipper'
  await sink.reset(hasIds ? 'verify' : 'texts')
  const program = startShipper(shipper, corpus.directory, sink, compression)
  try {
    await program.alive(sink.until(corpus.records))
    await wait(LATE_MS)
    const { documents, repeated = 0, unreadable, unparsed = 0, texts, sample } = await sink.counts()
    const wanted = hasIds ? undefined : countTexts(corpus)
    if (documents !== corpus.records || repeated > 0 || unreadable > 0 || unparsed > 0 || texts !== wanted)
      throw new Error(
        `${corpus.records} records became ${documents} documents (${repeated} repeated, ${unreadable} unreadable, ` +
          `${unparsed} not parsed; ${texts} different texts of ${wanted}), such as ${sample}`,
      )
  } finally {
    await program.stop()
  }
}

function countTexts({ directory }) {
  const lines = readdirSync(directory).flatMap(name => readFileSync(join(directory, name), 'latin1').split('\n'))
  return new Set(lines.filter(line => STAMPED.test(line))).size
}

/** @returns milliseconds from the start of the process to the first document at the sink */
export async function measureStart(shipper, compression, corpus, sink) {
  await sink.reset()
  const program = startShipper(shipper, corpus.directory, sink, compression)
  try {
    const { firstAtMs } = await program.alive(sink.until(1))
    return firstAtMs - program.startedAtMs
  } finally {
    await program.stop()
  }
}
