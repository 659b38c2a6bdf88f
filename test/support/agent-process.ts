/** The real agent in a process of its own, from the built program: started, killed, stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const program = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url))

/** Our environment without what tap has every Node load: that doubles the time a process takes to start. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env
  return env
}

export class AgentProcess {
  /** The agent's own log of all its runs, a parsed line each. */
  readonly log: Record<string, unknown>[] = []
  /** The user and group it runs as from the next start on; undefined: ours. */
  user: number | undefined
  /** A command that the next start is handed to (strace, unshare…); it must keep the process: `strace -D`, `exec`. */
  under: readonly string[] = []
  readonly args: string[]
  #child: ChildProcess | undefined
  #rest = ''

  constructor(configFile: string, ...args: string[]) {
    this.args = ['run', '--config', configFile, ...args]
  }

  start(): void {
    const rights = this.user === undefined ? {} : { uid: this.user, gid: this.user }
    // Without what tap has every Node load: that is slow, and not all users may.
    const [command, ...rest] = [...this.under, 'env', '-u', 'NODE_OPTIONS', process.execPath, program, ...this.args]
    const child = spawn(command!, rest, {
      ...rights,
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop()!
      for (const line of lines) this.log.push(line.startsWith('{') ? JSON.parse(line) : { text: line })
    })
    this.#child = child
  }

  get pid(): number {
    return this.#child!.pid!
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** Ends with `signal` and returns the exit code (null: ended by the signal). */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child!
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    child.kill(signal)
    await once(child, 'exit')
    return child.exitCode
  }

  async exit(): Promise<number | null> {
    const child = this.#child!
    // `close`: its log has been read to the end too.
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    return child.exitCode
  }
}

/** One command of the program, to its end. */
export async function runProgram(
  args: readonly string[],
  { input = '', env = programEnvironment() }: { input?: string | Buffer; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const [stdout, stderr] = [child.stdout, child.stderr].map(stream => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return chunks
  })
  child.stdin.on('error', () => {}) // it may end before it has read all
  child.stdin.end(input)
  await once(child, 'close')
  return { code: child.exitCode, stdout: Buffer.concat(stdout!).toString(), stderr: Buffer.concat(stderr!).toString() }
}
