/** The real nginx. Root fetches it with apt where it is missing. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { needPackages } from './apt.mjs'
import { until } from './until.js'

/** It lies in sbin, which not everybody's PATH names. */
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
const isThere = (): boolean => spawnSync('nginx', ['-v'], { env: environment }).status === 0

/** @throws with what to type, where it is missing and cannot be fetched */
export function needNginx(): void {
  if (!isThere()) needPackages('This test', 'nginx-light')
}

/** @param directory for its files  @param servers its `server` blocks  @param port that they listen on */
export async function startNginx(directory: string, servers: string, port: number): Promise<{ stop(): Promise<void> }> {
  const file = join(directory, 'nginx.conf')
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${directory}/${name};`)
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events {}
http { access_log ${directory}/access.log; ${places.join(' ')}
${servers}
}
`,
  )
  execFileSync('nginx', ['-t', '-q', '-p', directory, '-c', file], { env: environment })
  const child: ChildProcess = spawn('nginx', ['-p', directory, '-c', file], { env: environment, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}/`).catch((error: { cause?: { code?: string } }) => error.cause?.code !== 'ECONNREFUSED'),
    () => `nginx at ${port}, ${child.exitCode}`,
  )
  return {
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
