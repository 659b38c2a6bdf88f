/** A real cluster on loopback, of nodes that are killed and come back when a test says so. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Client } from '@elastic/elasticsearch'
import type { Test } from 'tap'
import type { ElasticsearchConfig } from '../../src/config/options.js'
import { type Connection, connect } from '../../src/delivery/client.js'
import { makeConfig } from './batch.js'
import type { TestElasticsearch } from './elasticsearch.js'
import { until } from './until.js'

const script = fileURLToPath(new URL('elasticsearch-server/cluster.mjs', import.meta.url))
const VERSION = '9.5.0'
/** Three servers beginning at once on two cores. */
const START_MS = 480_000

interface Plan {
  readonly password: string
  readonly caFile: string
  readonly nodes: readonly NodePlan[]
}

interface NodePlan {
  readonly name: string
  readonly url: string
  readonly log: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Record<string, string>
}

export class ClusterNode {
  readonly name: string
  readonly url: string
  readonly #plan: NodePlan
  #child: ChildProcess | undefined

  constructor(plan: NodePlan) {
    this.name = plan.name
    this.url = plan.url
    this.#plan = plan
  }

  start(): void {
    const { command, args, env, log } = this.#plan
    const out = openSync(log, 'a')
    this.#child = spawn(command, args, { env, stdio: ['ignore', out, out] })
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The server's own process and the one that watches it get the signal. */
  signal(name: NodeJS.Signals): void {
    const first = this.#child!.pid!
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', `${first}`], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    for (const pid of [...children.map(Number), first]) process.kill(pid, name)
  }

  async kill(): Promise<void> {
    const gone = once(this.#child!, 'exit')
    this.signal('SIGKILL')
    await gone
  }

  /** The end of what it printed. */
  get said(): string {
    return readFileSync(this.#plan.log, 'utf8').slice(-2_000)
  }
}

export interface TestCluster {
  readonly nodes: readonly ClusterNode[]
  /** As the support for one server knows it: its first node. */
  readonly server: TestElasticsearch
  /** The superuser's, at all nodes. */
  readonly client: Client
  readonly config: ElasticsearchConfig
  /** Waits until so many nodes are there and all shards are assigned (`green`), or some copy is missing (`yellow`). */
  is(status: 'green' | 'yellow', nodes: number): Promise<void>
  master(): Promise<ClusterNode>
}

export async function startCluster(t: Test, names: readonly string[]): Promise<TestCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'mailman-shipper-cluster-'))
  chmodSync(directory, 0o755)
  const { stdout } = await promisify(execFile)(process.execPath, [script, VERSION, directory, ...names])
  const plan: Plan = JSON.parse(stdout)
  const nodes = plan.nodes.map(node => new ClusterNode(node))
  t.teardown(async () => {
    for (const node of nodes) if (node.isRunning) await node.kill()
    rmSync(directory, { recursive: true, force: true })
  })
  for (const node of nodes) node.start()
  const { caFile, password } = plan
  const config = makeConfig(
    nodes.map(({ url }) => url),
    { caFile },
  )
  const credentials = { username: 'elastic', password }
  const connection = await until<Connection | undefined>(
    () => connect(config, { credentials }).catch(() => undefined),
    () => `a cluster that answers; its nodes say ${nodes.map(({ said }) => said).join('\n')}`,
    START_MS,
  )
  const { client, close } = connection!
  t.teardown(close)
  const is = async (status: 'green' | 'yellow', count: number): Promise<void> => {
    let seen: unknown
    await until(
      async () => {
        const health = await client.cluster.health().catch(() => undefined)
        seen = health
        return health?.status === status && health.number_of_nodes === count
      },
      () => `${status} with ${count} nodes: ${JSON.stringify(seen)}; ${nodes.map(({ said }) => said).join('\n')}`,
      START_MS,
    )
  }
  await is('green', nodes.length)
  // The index of users and keys is made with the first of them; until then questions about privileges may fail.
  await until(
    () =>
      client.security.putRole({ name: 'ready', cluster: [] }).then(
        () => true,
        () => false,
      ),
    () => 'security is ready',
    START_MS,
  )
  return {
    nodes,
    server: { url: nodes[0]!.url, user: 'elastic', password, caFile, version: VERSION, stop: async () => {} },
    client,
    config,
    is,
    async master() {
      const [found] = await client.cat.master({ format: 'json' })
      return nodes.find(({ name }) => name === found?.node)!
    },
  }
}
