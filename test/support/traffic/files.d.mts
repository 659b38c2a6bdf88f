import type { TrafficRecord } from './generate.mjs'

/** @returns how many records, and bytes in all files */
export function writeLogs(directory: string, minutes: Iterable<readonly TrafficRecord[]>): { records: number; bytes: number }
