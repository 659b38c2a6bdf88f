/**
 * A real secured Elasticsearch, shared by the test processes of this machine: tests keep apart by their own namespace. How it
 * is made and ended: elasticsearch-server/server.mjs.
 */
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface TestElasticsearch {
  readonly url: string
  /** A superuser. */
  readonly user: string
  readonly password: string
  readonly caFile: string
  readonly version: string
  /** Says that this process needs the server no more; it ends two minutes after the last one has said so. */
  stop(): Promise<void>
}

const script = join(dirname(fileURLToPath(import.meta.url)), 'elasticsearch-server/server.mjs')

/** @param options `apart`: a server of this process alone, for tests that change what all share; `stop` ends it */
export async function startElasticsearch(
  options: { version?: '9.5.0' | '8.19.0'; apart?: boolean } = {},
): Promise<TestElasticsearch> {
  const { version = '9.5.0', apart = false } = options
  const run = promisify(execFile)
  const pid = String(process.pid)
  const name = apart ? `${version}-${pid}` : version
  const { stdout } = await run(process.execPath, [script, 'start', version, pid, name])
  const server: { url: string; user: string; password: string; caFile: string } = JSON.parse(stdout)
  const holder = join(dirname(server.caFile), '../holders', pid)
  const stop = async (): Promise<void> => {
    await rm(holder, { force: true })
    if (apart) await run(process.execPath, [script, 'stop', name])
  }
  return { ...server, version, stop }
}

/** A namespace nobody else uses; lower case, without a hyphen. */
export function makeNamespace(): string {
  return `t${process.pid}x${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`
}
