/** Logs as Mailman writes them → a store to ask: real samples, or a few lines of a story. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Test } from 'tap'
import { parsers } from '../../parsers/_index.js'
import { readAnyStamp } from '../../parsers/_mailman3-line.js'
import type { EventSource } from '../../src/events/assemble.js'
import { DocumentWriter } from '../../src/events/document.js'
import { Zone } from '../../src/events/stamp.js'
import { readName } from '../../src/files/names.js'
import type { EventStore } from '../../src/store/query.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { batchOf } from './documents.js'
import { NOW, Reading } from './reading.js'

export interface Told {
  /** `vette`, `smtp.log`… */
  readonly log: string
  /** As Mailman wrote it. */
  readonly text: string
  readonly host?: string
  readonly mailman?: '2.1' | '3'
}

/** The documents of these logs, in the zone UTC. */
export function documentsOf(told: readonly Told[]): Record<string, unknown>[] {
  return told.flatMap(({ log: file, text, host = 'lists1', mailman = '2.1' }, i) => {
    const { log } = readName(file)!
    const provider = mailman === '3' ? 'mailman3' : 'mailman2'
    const writer = new DocumentWriter({ hostName: host, instance: `m${i}`, namespace: 'default', log, provider, timezone: 'UTC' })
    const source: EventSource = {
      hostName: `${host}-${i}`,
      log,
      parser: parsers.get(log),
      readStamp: readAnyStamp,
      zone: new Zone('UTC'),
      writer,
      keepOriginal: false,
      now: () => NOW,
    }
    const bytes = Buffer.from(text, 'utf8').toString('latin1')
    return new Reading(bytes, { source, maxLineBytes: 1 << 20 })
      .feed(bytes)
      .end()
      .map(({ document }) => document)
  })
}

/** @param file where the store is to be; default: in the test's own directory */
export function storeOf(t: Test, told: readonly Told[], file = join(t.testdir(), 'events.db')): EventStore {
  mkdirSync(dirname(file), { recursive: true })
  const writer = new Store({ file, keepDays: 90 })
  const documents = documentsOf(told)
  for (let i = 0; i < documents.length; i += 5000) {
    const answer = writer.write(batchOf(documents.slice(i, i + 5000)), 0)
    if ('holdUp' in answer) throw new Error(answer.holdUp.detail)
  }
  writer.close()
  const store = openSqliteStore(file)
  t.teardown(() => store.close())
  return store
}

const samples = join(import.meta.dirname, '../samples')

/** Real logs of one directory of test/samples. */
export const samplesOf = (directory: string, mailman: '2.1' | '3'): Told[] =>
  readdirSync(join(samples, directory), { withFileTypes: true })
    .filter(entry => entry.isFile() && !/\.(?:md|txt)$/.test(entry.name))
    .map(({ name }) => ({ log: basename(name), text: readFileSync(join(samples, directory, name), 'utf8'), mailman }))
