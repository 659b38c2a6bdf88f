// What a process and its children use, by the kernel's account. Linux only.
import { readdirSync, readFileSync } from 'node:fs'

/** User space is told of times in these ticks, whatever the kernel counts in (`man 5 proc`). */
const TICKS_PER_SECOND = 100

/** The process and all that descend from it. */
function treeOf(root) {
  const children = new Map()
  for (const name of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const parent = statOf(name)?.[1]
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), name])
  }
  const found = [String(root)]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

/** The fields after the name, which may hold anything: state, parent… `undefined`: it is gone. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** @returns since it started: CPU of all threads, ended ones too, to a tick; memory in MB, each process's peak added up */
export function useOf(root) {
  const use = { cpuSeconds: 0, peakRssMb: 0, rssMb: 0 }
  for (const pid of treeOf(root)) {
    const stat = statOf(pid)
    if (stat === undefined) continue
    const [user, system, childrenUser, childrenSystem] = stat.slice(11, 15).map(Number)
    use.cpuSeconds += (user + system + childrenUser + childrenSystem) / TICKS_PER_SECOND
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const mb = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024
    use.peakRssMb += mb('VmHWM')
    use.rssMb += mb('VmRSS')
  }
  return use
}

/** Of each living thread, to the nanosecond: a tick is as long as an idle program works in many seconds. */
function threadsOf(root) {
  const paths = treeOf(root).flatMap(pid =>
    readdirSync(`/proc/${pid}/task`).map(thread => `/proc/${pid}/task/${thread}/schedstat`),
  )
  return new Map(paths.map(path => [path, Number(readFileSync(path, 'latin1').split(' ')[0])]))
}

/** CPU in milliseconds a second while `work` goes on. */
export async function loadOf(root, work) {
  const before = threadsOf(root)
  const from = performance.now()
  await work()
  const seconds = (performance.now() - from) / 1000
  let ns = 0
  for (const [path, after] of threadsOf(root)) ns += after - (before.get(path) ?? 0)
  return ns / 1e6 / seconds
}
