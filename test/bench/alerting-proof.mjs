// That records handed straight to the detector give the same alerts as `alerts replay` of the logs that they are written to.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeLogs } from '../support/traffic/files.mjs'
import { live, textOf } from '../support/traffic/life.mjs'
import { readEvents } from './alerting-events.mjs'
import { built } from './program.mjs'

const { Detector } = await import(built('src/alerts/detector.js'))
const { runReplay } = await import(built('src/commands/alerts-replay.js'))

const isoOf = ms => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** @returns { alerts, isSame }: what both say of kind, severity, list, since, raised and held messages */
export async function proveShortCut(options) {
  const directory = mkdtempSync(join(tmpdir(), 'alerting-proof-'))
  try {
    const made = []
    const events = readEvents()
    const raised = []
    const detector = new Detector({ raised: alert => void raised.push(alert), ended: () => {} })
    const logs = new Set()
    for (const records of live(options)) {
      const texts = records.map(record => ({ log: record.log, text: textOf(record) }))
      made.push(texts)
      for (const { log } of texts) logs.add(log)
    }
    const names = [...logs].sort()
    // As files are merged: by time, and of the same second one file after the other.
    const order = new Map(names.map((name, i) => [name, i]))
    const minutes = [...live(options)].map(records =>
      records.sort((a, b) => a.loggedAt - b.loggedAt || order.get(a.log) - order.get(b.log)),
    )
    for (const records of minutes)
      for (const record of records) {
        const event = events(record)
        if (event !== undefined) detector.see(event)
      }
    writeLogs(directory, made)
    writeFileSync(join(directory, 'config.yaml'), 'logs: { timezone: Europe/Berlin }\n')
    const lines = []
    const files = names.map(name => join(directory, name))
    await runReplay({ config: join(directory, 'config.yaml'), files, timezone: 'Europe/Berlin', json: true }, line =>
      lines.push(line),
    )
    const told = lines
      .map(line => JSON.parse(line))
      .map(({ kind, severity, list, since, raised, held }) => [kind, severity, list, since, raised, held])
    const short = raised.map(({ kind, severity, list, sinceMs, raisedMs, held }) => [
      kind,
      severity,
      list,
      isoOf(sinceMs),
      isoOf(raisedMs),
      held,
    ])
    return { alerts: told.length, isSame: JSON.stringify(told) === JSON.stringify(short), told, short }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
