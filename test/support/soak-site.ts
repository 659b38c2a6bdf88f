/** What the faults of a soak act on: a real Elasticsearch behind a bad network, logs on ext4, an agent that is not root. */
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { type ChaosProxy, startChaosProxy } from './chaos-proxy.js'
import { type ClusterStory, startClusterStory } from './cluster-story.js'
import { startElasticsearch } from './elasticsearch.js'
import { mountExt4 } from './ext4.js'
import { SoakAgent } from './soak-agent.js'
import { SoakWriter } from './soak-writer.js'

const NOBODY = 65_534

/** What a fault has to itself while it lasts. */
export type Part = 'agent' | 'network' | 'files' | 'state' | 'cluster'

export interface SoakSite {
  readonly cluster: ClusterStory
  readonly agent: SoakAgent
  readonly writer: SoakWriter
  readonly directory: string
  readonly logs: string
  /** Where `olddir` puts rotated files. */
  readonly old: string
  readonly state: string
  readonly network: {
    readonly proxy: ChaosProxy
    /** Nobody listens: connections are refused. */
    refuse(): Promise<void>
    listen(): Promise<void>
  }
  /** A fault lasts so long; short soaks have short faults. @param seconds of a long soak */
  pause(seconds: number): Promise<void>
  /** Runs `work` when nothing else has these parts. */
  having<T>(parts: readonly Part[], work: () => Promise<T>): Promise<T>
}

/** @param options `apart`: a server of its own · `scale`: how long faults last, of 1 */
export async function makeSoakSite(t: Test, { apart, scale }: { apart: boolean; scale: number }): Promise<SoakSite> {
  const server = await startElasticsearch({ apart })
  // The first teardown is the last that is done.
  t.teardown(() => server.stop())
  const ext4 = mountExt4(t, 512)
  const logs = join(ext4, 'logs')
  const old = join(ext4, 'old')
  for (const directory of [logs, old]) mkdirSync(directory)
  const writer = new SoakWriter(logs)
  t.teardown(() => writer.reopen())

  const cluster = await startClusterStory(t, server)
  const { story, site } = cluster
  t.equal((await site.setup({ allowLookup: true })).code, 0, 'setup --allow-lookup')
  chownSync(site.keyFile, NOBODY, NOBODY)
  const { directory, state } = story
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=2m,mode=0700,uid=${NOBODY},gid=${NOBODY}`, 'tmpfs', state])
  t.teardown(() => execFileSync('umount', ['-l', state]))
  cluster.configure({ logs: { directories: [logs, old], timezone: 'UTC' } })
  story.agent.user = NOBODY
  const agent = new SoakAgent(story.agent)
  t.teardown(() => agent.end('SIGKILL'))

  let { proxy } = cluster
  const { port } = proxy
  t.teardown(() => proxy.close())
  const held = new Map<Part, Promise<unknown>>()
  return {
    cluster,
    agent,
    writer,
    directory,
    logs,
    old,
    state,
    network: {
      get proxy() {
        return proxy
      },
      refuse: () => proxy.close(),
      async listen() {
        proxy = await startChaosProxy(server, { port })
      },
    },
    pause: seconds => sleep(seconds * scale * 1000), // how long a fault lasts, not a wait for anything
    having(parts, work) {
      const before = Promise.all(parts.map(part => held.get(part)))
      const done = before.then(work)
      const over = done.catch(() => {})
      for (const part of parts) held.set(part, over)
      return done
    },
  }
}
