/**
 * Time zones by their names. UTC is asked of nobody: the first question to ICU brings its tables into memory, 8 MB and 20 ms, and many
 * hosts keep UTC.
 */
import { FixedOffsetZone, IANAZone, type Zone } from 'luxon'

const UTC = new Set(['UTC', 'Etc/UTC'])

/** True for a name of the zone database that this Node knows. */
export const isZone = (name: string): boolean => UTC.has(name) || IANAZone.isValidZone(name)

/** @param name one for which `isZone` is true */
export const zoneNamed = (name: string): Zone => (UTC.has(name) ? FixedOffsetZone.utcInstance : IANAZone.create(name))
