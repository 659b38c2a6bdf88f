/** The faults of a soak that happen to log files: rotated by the real logrotate, deleted, closed to the agent, linked elsewhere. */
import { chmodSync, existsSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Logrotate } from './logrotate.js'
import type { Chance } from './soak-chance.js'
import type { Fault } from './soak-faults.js'
import type { SoakSite } from './soak-site.js'
import { SOAK_LOGS } from './soak-writer.js'
import { until } from './until.js'

/** A link, which logrotate refuses to rotate. */
const LINK = 'digest'

const BY_TIME = ['dateext', 'dateformat -%Y%m%d-%s']
/** Names by number and by time: a name is either compressed or not. */
const modes: Readonly<Record<string, readonly string[]>> = {
  create: ['create'],
  dateext: ['create', ...BY_TIME],
  'compress, dateext': ['create', 'compress', ...BY_TIME],
  'compress, delaycompress, dateext': ['create', 'compress', 'delaycompress', ...BY_TIME],
  olddir: ['create', 'olddir OLD'],
  copytruncate: ['copytruncate'],
}

/** One rotation of all logs by the real logrotate, while the writer writes. */
async function rotate(site: SoakSite, mode: string, chance: Chance): Promise<void> {
  const { writer, directory, logs, old } = site
  await nextSecond()
  const asked = join(directory, 'reopen')
  const paths = [...SOAK_LOGS].filter(log => log !== LINK).map(log => join(logs, log))
  // Who writes into a file that is being packed loses that: Mailman is told to reopen before, and has done so (F02).
  const asks = mode.startsWith('compress, dateext')
  const script = ['sharedscripts', 'postrotate', `touch ${asked}; while [ -e ${asked} ]; do sleep 0.02; done`, 'endscript']
  const directives = [...modes[mode]!.map(line => line.replace('OLD', old)), ...(asks ? script : [])]
  const logrotate = new Logrotate(directory, paths.join(' '), directives)
  // What is written between copying and cutting is lost: nothing is written meanwhile.
  writer.paused = mode === 'copytruncate'
  const answer = setInterval(() => {
    if (!existsSync(asked)) return
    writer.reopen()
    rmSync(asked)
  }, 10)
  try {
    await logrotate.rotateBeside()
  } finally {
    clearInterval(answer)
    writer.paused = false
  }
  if (asks || mode === 'copytruncate') return
  await site.pause(chance.pick([0, 1, 3]))
  writer.reopen()
}

/** logrotate refuses a name that is taken. */
async function nextSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  await until(
    () => Math.floor(Date.now() / 1000) > now,
    () => 'the next second',
  )
}

export const fileFaults: readonly Fault[] = [
  ...Object.keys(modes).map(
    (mode): Fault => ({
      name: 'logrotate',
      parts: ['files'],
      async run(site, chance) {
        await rotate(site, mode, chance)
        return mode
      },
    }),
  ),
  {
    name: 'logrotate while down',
    weight: 2,
    parts: ['agent', 'files'],
    async run(site, chance) {
      const signal = chance.pick(['SIGTERM', 'SIGKILL'] as const)
      await site.agent.end(signal)
      const times = Array.from({ length: 1 + chance.below(3) }, () => chance.pick(Object.keys(modes)))
      for (const mode of times) await rotate(site, mode, chance)
      site.agent.start()
      return `${signal}; ${times.join('; ')}`
    },
  },
  {
    name: 'a file is deleted that is settled',
    parts: ['files'],
    async run({ cluster: { story }, logs, old }) {
      const isOf = (path: string): boolean => path.startsWith(logs) || path.startsWith(old)
      const live = new Set([...SOAK_LOGS].map(log => join(logs, log)))
      const target = existsSync(join(logs, LINK)) ? realpathSync(join(logs, LINK)) : ''
      const settled = (story.status()?.files ?? [])
        .filter(({ path, state, lagBytes }) => isOf(path) && state === 'present' && lagBytes === 0)
        .filter(({ path, size, compressed }) => !live.has(path) && path !== target && (compressed || sizeOf(path) === size))
        .map(({ path }) => path)
        .filter(path => existsSync(path))
        .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
      if (settled[0] === undefined) return 'there is none'
      rmSync(settled[0])
      return settled[0].slice(logs.length + 1)
    },
  },
  {
    name: 'a log is closed to the agent',
    parts: ['files'],
    async run({ logs, pause }, chance) {
      const log = chance.pick([...SOAK_LOGS])
      const seconds = chance.pick([3, 10])
      chmodSync(join(logs, log), 0o000)
      await pause(seconds)
      chmodSync(join(logs, log), 0o644)
      return `${log} for ${seconds} s`
    },
  },
  {
    name: 'the directory is closed to the agent',
    parts: ['files'],
    async run({ logs, pause }, chance) {
      const mode = chance.pick([0o000, 0o444])
      chmodSync(logs, mode)
      await pause(8)
      chmodSync(logs, 0o755)
      return `mode ${mode.toString(8)} for 8 s`
    },
  },
  {
    name: 'a link is swapped',
    parts: ['files'],
    async run(site, chance) {
      await nextSecond()
      const name = `${LINK}-20261123-${Math.floor(Date.now() / 1000)}`
      link(site.logs, name)
      await site.pause(chance.pick([0, 2]))
      site.writer.reopen()
      return name
    },
  },
]

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

/** Has the log that is a link lead to a new file. */
export function link(logs: string, name: string): void {
  writeFileSync(join(logs, name), '')
  symlinkSync(name, join(logs, `${LINK}.new`))
  renameSync(join(logs, `${LINK}.new`), join(logs, LINK))
}
