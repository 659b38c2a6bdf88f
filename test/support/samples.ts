/** All real logs of test/samples through the event stage, as one host might have them. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Privacy } from '../../src/events/privacy.js'
import { readName } from '../../src/files/names.js'
import { type Read, Reading, sourceOf } from './reading.js'

const folder = join(import.meta.dirname, '../samples')

export const sampleFiles = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && !/\.(?:md|txt)$/.test(entry.name))
  .map(entry => join(entry.parentPath, entry.name))

export const sampleText = (path: string): string => readFileSync(path, 'latin1')

/** @param part which files: a part of their paths, such as `mailman-3/` */
export function readSamples(privacy?: Privacy, part = ''): Read[] {
  return sampleFiles
    .filter(path => path.includes(part))
    .flatMap(path => {
      const source = { ...sourceOf(readName(basename(path))!.log, { timezone: 'Europe/Berlin', keepOriginal: true }), privacy }
      const text = sampleText(path)
      return new Reading(text, { source, maxLineBytes: 1 << 20 }).feed(text).end()
    })
}
