/**
 * A real secured Elasticsearch, shared by the test processes of this machine: tests keep apart by their own namespace. How it
 * is made and ended: elasticsearch-server/server.mjs.
 */
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { programEnvironment } from './agent-process.js'

export interface TestElasticsearch {
  readonly url: string
  /** A superuser. */
  readonly user: string
  readonly password: string
  readonly caFile: string
  readonly version: string
  /** Says that this process needs the server no more; it ends ten minutes after the last one has. */
  stop(): Promise<void>
}

const run = promisify(execFile)
const script = join(dirname(fileURLToPath(import.meta.url)), 'elasticsearch-server/server.mjs')

type Server = Omit<TestElasticsearch, 'stop'>

/** The shared servers that this process uses: who asks again need not start two processes to be told the same. */
const held = new Map<string, { server: Promise<Server>; users: number }>()

/** @param options `apart`: a server of this process alone, for tests that change what all share; `stop` ends it */
export async function startElasticsearch(
  options: { version?: '9.5.0' | '8.19.0'; apart?: boolean } = {},
): Promise<TestElasticsearch> {
  const { version = '9.5.0', apart = false } = options
  const pid = String(process.pid)
  const name = apart ? `${version}-${pid}` : version
  const hold = held.get(name) ?? { server: ask(version, pid, name), users: 0 }
  held.set(name, hold)
  hold.users++
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    if (--hold.users > 0) return
    held.delete(name)
    const { caFile } = await hold.server
    await rm(join(dirname(caFile), '../holders', pid), { force: true })
    if (apart) await run(process.execPath, [script, 'stop', name], { env: programEnvironment() })
  }
  return { ...(await hold.server), stop }
}

async function ask(version: string, pid: string, name: string): Promise<Server> {
  const { stdout } = await run(process.execPath, [script, 'start', version, pid, name], { env: programEnvironment() })
  return { ...JSON.parse(stdout), version }
}

/** A namespace nobody else uses; lower case, without a hyphen. */
export function makeNamespace(): string {
  return `t${process.pid}x${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`
}
