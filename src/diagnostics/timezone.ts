/**
 * Time zones by their names, and times in them. UTC is asked of nobody: luxon is half a megabyte of text in memory, and the first
 * question to ICU brings its tables, 8 MB and 20 ms; many hosts keep UTC.
 */
import { createRequire } from 'node:module'
import type * as Luxon from 'luxon'

export interface Zone {
  /** @returns minutes east of UTC */
  offset(ms: number): number
}

const require = createRequire(import.meta.url)
const UTC_NAMES = new Set(['UTC', 'Etc/UTC'])
const UTC: Zone = { offset: () => 0 }

/** Loaded by whoever first needs it. */
export const luxon = (): typeof Luxon => require('luxon')

/** True for a name of the zone database that this Node knows. */
export const isZone = (name: string): boolean => UTC_NAMES.has(name) || luxon().IANAZone.isValidZone(name)

/** @param name one for which `isZone` is true */
export const zoneNamed = (name: string): Zone => (UTC_NAMES.has(name) ? UTC : luxon().IANAZone.create(name))

/** `2015-05-19 19:00:01` by the clocks of a zone. @param zone its IANA name */
export const timeOf = (ms: number, zone: string): string =>
  luxon().DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm:ss')
