/**
 * A real systemd host for tests: a minimal Debian booted with systemd as PID 1 by systemd-nspawn. It shares this machine's
 * network, so what listens on loopback here is reached from inside.
 *
 * Each host is a layer of its own over the cached system, mounted where only it can see it: several run beside each other,
 * what is written inside is on a real disk, and nothing stays mounted or running when the test process ends, however it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  buildSystem,
  cgroupRoots,
  env,
  execute,
  hostPrefix,
  type Ran,
  removeHost,
  removeLeftovers,
} from './systemd-host-system.js'

export { whyNoSystemdHost } from './systemd-host-system.js'

const deadlineMs = 60_000

/** @param suite of Debian: bookworm has systemd 252, bullseye 247 */
export async function startSystemdHost(suite: 'bookworm' | 'bullseye' = 'bookworm'): Promise<SystemdHost> {
  removeLeftovers()
  const host = new SystemdHost(await buildSystem(suite), mkdtempSync(join(tmpdir(), `${hostPrefix}${process.pid}-`)))
  await host.boot()
  return host
}

export class SystemdHost {
  readonly #base: string
  readonly #directory: string
  #machine: ChildProcess | undefined
  /** The host's PID 1, as this machine counts. */
  #leader = 0

  constructor(base: string, directory: string) {
    this.#base = base
    this.#directory = directory
  }

  /** A file of the host, as this machine sees it, for node:fs. Absolute links lead out of the host: name what they point at. */
  path(inside: string): string {
    return join(`/proc/${this.#leader}/root`, inside)
  }

  async boot(): Promise<void> {
    const at = (name: string): string => join(this.#directory, name)
    for (const name of ['upper', 'work', 'root']) mkdirSync(at(name), { recursive: true })
    const console = openSync(at('console'), 'w')
    const groups = cgroupRoots.map(root => join(root, basename(this.#directory)))
    const inside = `
      mount -t overlay overlay -o lowerdir=${this.#base},upperdir=${at('upper')},workdir=${at('work')} ${at('root')}
      export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
      exec systemd-nspawn -q -D ${at('root')} -M ${basename(this.#directory)} --boot --register=no --keep-unit \
        --console=read-only --capability=CAP_NET_ADMIN,CAP_BPF --system-call-filter=bpf`
    // The control group of its own keeps hosts apart; one hierarchy, the capabilities and bpf make IPAddressDeny= work inside.
    // The PID namespace ends with unshare, unshare with us: both by the kernel.
    const outside = `
      for group in ${groups.join(' ')}; do mkdir -p "$group"; echo $$ >"$group/cgroup.procs"; done
      exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -ec "$0"`
    this.#machine = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-ec', outside, inside], {
      stdio: ['ignore', console, console],
      env,
    })
    await this.until('the host has started', async () => {
      if (this.#machine?.exitCode !== null) throw new Error(`the host did not start:\n${readFileSync(at('console'), 'utf8')}`)
      this.#leader = firstChild(firstChild(this.#machine.pid))
      if (this.#leader === 0) return false
      const state = (await this.run('systemctl', ['is-system-running'])).stdout.trim()
      return state === 'running' || state === 'degraded'
    })
  }

  /** Runs a command inside, as root unless `user` is named. Never throws: the exit code is part of the answer. */
  run(command: string, args: readonly string[] = [], { user }: { readonly user?: string } = {}): Promise<Ran> {
    const become = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--']
    // Nothing of the test's own environment: tap would have every Node inside load files that are not there.
    const clean = ['env', '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
    return execute('nsenter', ['-t', `${this.#leader}`, '-a', '--', ...become, ...clean, command, ...args])
  }

  /** Runs a shell script inside and returns what it prints. @throws where it fails */
  async sh(script: string, options: { readonly user?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run('sh', ['-ec', script], options)
    if (code !== 0) throw new Error(`exit ${code} of: ${script}\n${stderr}`)
    return stdout
  }

  /** Waits for a state. @throws with the end of the journal when it has not come in time */
  async until(what: string, isSo: () => Promise<boolean>, withinMs = deadlineMs): Promise<void> {
    const end = performance.now() + withinMs
    for (;;) {
      const begun = performance.now()
      if (await isSo()) return
      if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}\n${await this.#journal()}`)
      await pause(Math.max(50, performance.now() - begun)) // a look starts processes: at most half of the time
    }
  }

  /** Powers the host off; `boot` starts it again with all that was written. */
  async powerOff(): Promise<void> {
    const machine = this.#machine
    if (machine === undefined || machine.exitCode !== null || machine.signalCode !== null) return
    const ended = new Promise(resolve => machine.once('exit', resolve))
    await this.run('systemctl', ['poweroff', '--no-block'])
    const late = setTimeout(() => machine.kill('SIGKILL'), deadlineMs)
    await ended
    clearTimeout(late)
  }

  /** Powers the host off and removes all of it. */
  async stop(): Promise<void> {
    await this.powerOff()
    removeHost(this.#directory)
  }

  async #journal(): Promise<string> {
    if (this.#leader === 0) return readFileSync(join(this.#directory, 'console'), 'utf8')
    return (await this.run('journalctl', ['--no-pager', '-n', '40', '-o', 'short-precise'])).stdout
  }
}

/** 0 where there is none (yet). */
function firstChild(pid: number | undefined): number {
  if (!pid) return 0
  try {
    return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'), 10) || 0
  } catch {
    return 0
  }
}
