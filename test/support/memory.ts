/** What a process took of memory at most, in bytes: Linux's VmHWM. */
import { readFileSync } from 'node:fs'

export const highWaterOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
