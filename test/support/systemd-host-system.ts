/**
 * The system below every test host: a minimal Debian, built once into a cache of this machine and never changed. Also takes
 * away what test processes that were killed have left behind.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needPackages } from './apt.mjs'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const cache = '/var/cache/mailman-shipper-systemd-host'
const packages = ['systemd', 'systemd-sysv', 'dbus']
/** Of the directories of single hosts; the rest of the name begins with the pid of the test process. */
export const hostPrefix = 'mailman-shipper-host-'

export const env = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
}

/** Where control groups may be made: cgroup 2 alone, or version 1 with 2 beside it. */
export const cgroupRoots = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified'].filter(path =>
  existsSync(join(path, 'cgroup.procs')),
)

/** Why there can be no test host here, with what to type; undefined: there can. */
export function whyNoSystemdHost(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root: sudo npx tap test/deploy'
  return undefined
}

/** The directory of the built system. About a minute the first time. */
export async function buildSystem(suite: string): Promise<string> {
  installTools()
  const built = join(cache, `${suite}-${packages.join('+')}`)
  if (existsSync(built)) return built
  const building = join(cache, `building-${process.pid}-${suite}`)
  mkdirSync(building, { recursive: true })
  // In namespaces of its own: what debootstrap mounts and starts goes away with it, however it ends.
  const own = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  await must('setpriv', [...own, 'debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, suite, building])
  rmSync(join(building, 'var/cache/apt'), { recursive: true })
  // What Debian's installer writes.
  writeFileSync(join(building, 'etc/hostname'), 'lists\n')
  writeFileSync(join(building, 'etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 lists\n::1 localhost ip6-localhost\n')
  try {
    renameSync(building, built)
  } catch (error) {
    // Another test process was faster.
    if (!existsSync(built)) throw error
    rmSync(building, { recursive: true })
  }
  return built
}

function installTools(): void {
  const missing = [
    ['debootstrap', 'debootstrap'],
    ['systemd-nspawn', 'systemd-container'],
  ].filter(([command]) => !['/usr/sbin', '/usr/bin'].some(path => existsSync(join(path, command!))))
  if (missing.length > 0) needPackages('The test host', ...missing.map(([, name]) => name!))
}

/** Directories of processes that are no more. Nothing of theirs runs: the kernel ended it with them. */
export function removeLeftovers(): void {
  for (const [place, prefix] of [
    [tmpdir(), hostPrefix],
    [cache, 'building-'],
  ] as const) {
    if (!existsSync(place)) continue
    for (const name of readdirSync(place)) {
      if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10))) removeHost(join(place, name))
    }
  }
}

/** @param directory of a host that does not run */
export function removeHost(directory: string): void {
  for (const root of cgroupRoots) removeGroups(join(root, directory.split('/').at(-1)!))
  rmSync(directory, { recursive: true, force: true })
}

function removeGroups(directory: string): void {
  if (!existsSync(directory)) return
  for (const entry of readdirSync(directory, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(directory, entry.name))
  rmdirSync(directory)
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

export function execute(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise(resolve => {
    execFile(command, args, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr: error === null || stderr !== '' ? stderr : error.message })
    })
  })
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await execute(command, args)
  if (code !== 0) throw new Error(`exit ${code} of ${command} ${args.join(' ')}\n${stdout.slice(-2000)}${stderr.slice(-2000)}`)
}
