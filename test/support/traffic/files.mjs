/** Records into files, one for each log, in pieces of some size: written as they come, never held. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PIECE = 1 << 18

export function writeLogs(directory, minutes) {
  const logs = new Map()
  let records = 0
  let bytes = 0
  const flush = log => {
    bytes += writeSync(log.handle, log.text)
    log.text = ''
  }
  for (const minute of minutes) {
    records += minute.length
    for (const { log: name, text } of minute) {
      let log = logs.get(name)
      if (log === undefined) {
        log = { handle: openSync(join(directory, name), 'w'), text: '' }
        logs.set(name, log)
      }
      log.text += text
      if (log.text.length > PIECE) flush(log)
    }
  }
  for (const log of logs.values()) {
    flush(log)
    closeSync(log.handle)
  }
  return { records, bytes }
}
