/** An agent that is started again when it ends by itself, as systemd does; kept count of, with what it takes of the machine. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentProcess } from './agent-process.js'

/** systemd's RestartSec. */
const AGAIN_MS = 2_000

export interface Sample {
  readonly atSeconds: number
  /** Which start of the agent it was. */
  readonly life: number
  readonly ageSeconds: number
  readonly rssMb: number
  readonly cpuSeconds: number
  readonly openFiles: number
  readonly stateKb: number
}

export class SoakAgent {
  readonly agent: AgentProcess
  readonly samples: Sample[] = []
  /** Exit codes that nobody asked for, with the last thing it said. */
  readonly endings: { readonly life: number; readonly code: number | null; readonly said: unknown }[] = []
  life = 0
  #since = 0
  #isWanted = false

  constructor(agent: AgentProcess) {
    this.agent = agent
  }

  start(): void {
    this.#isWanted = true
    this.agent.start()
    const life = ++this.life
    this.#since = performance.now()
    void this.agent.exit().then(async code => {
      if (!this.#isWanted || life !== this.life) return
      this.endings.push({ life, code, said: this.agent.log.at(-1) })
      await sleep(AGAIN_MS)
      if (this.#isWanted && life === this.life) this.start()
    })
  }

  /** Its exit code; null: ended by the signal. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.#isWanted = false
    return this.agent.end(signal)
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.agent.isRunning) process.kill(this.agent.pid, signal)
  }

  /** @param atSeconds since the start of it all */
  sample(atSeconds: number, state: string): void {
    if (!this.agent.isRunning) return
    const { pid } = this.agent
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      const times = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      this.samples.push({
        atSeconds: Math.round(atSeconds),
        life: this.life,
        ageSeconds: Math.round((performance.now() - this.#since) / 1000),
        rssMb: Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 102.4) / 10,
        // utime and stime: fields 14 and 15 of proc(5), the third being the first here.
        cpuSeconds: (Number(times[11]) + Number(times[12])) / TICKS,
        openFiles: readdirSync(`/proc/${pid}/fd`).length,
        stateKb: Math.round(sizeOf(state) / 1024),
      })
    } catch {
      // It ended just now.
    }
  }
}

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** What the agent keeps: a checkpoint may be replaced while it is looked at. */
function sizeOf(state: string): number {
  return readdirSync(state)
    .filter(name => name !== 'filling')
    .reduce((sum, name) => sum + (statSync(join(state, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
