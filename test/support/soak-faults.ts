/** The faults of a soak: each begins, lasts a while, and is mended by itself. What it did is what it returns. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Chance } from './soak-chance.js'
import { fileFaults } from './soak-file-faults.js'
import type { Part, SoakSite } from './soak-site.js'

export interface Fault {
  readonly name: string
  /** How often it is chosen, of 1. */
  readonly weight?: number
  /** What nothing else may touch while it lasts. */
  readonly parts: readonly Part[]
  run(site: SoakSite, chance: Chance): Promise<string>
}

const processFaults: Fault[] = [
  {
    name: 'kill -9',
    weight: 2,
    parts: ['agent'],
    async run({ agent, pause }, chance) {
      await agent.end('SIGKILL')
      const down = chance.pick([0, 0, 1, 4])
      await pause(down)
      agent.start()
      return `started again after ${down} s`
    },
  },
  {
    name: 'stop and start',
    parts: ['agent'],
    async run({ agent, pause }, chance) {
      const code = await agent.end('SIGTERM')
      const down = chance.pick([0, 2, 6])
      await pause(down)
      agent.start()
      return `ended with ${code}, started again after ${down} s`
    },
  },
  {
    name: 'SIGSTOP',
    parts: ['agent'],
    async run({ agent, pause }, chance) {
      const seconds = chance.pick([2, 5, 12])
      agent.signal('SIGSTOP')
      await pause(seconds)
      agent.signal('SIGCONT')
      return `for ${seconds} s`
    },
  },
]

const networkFaults: Fault[] = [
  {
    name: 'answers are cut',
    weight: 2,
    parts: ['network'],
    async run({ network: { proxy }, pause }, chance) {
      const cuts = 4 + chance.below(12)
      for (let cut = 0; cut < cuts; cut++) {
        proxy.cutAt = chance.below(2_000) - 1_000
        await pause(1)
      }
      proxy.cutAt = undefined
      return `${cuts} at random bytes`
    },
  },
  {
    name: 'connections are reset',
    parts: ['network'],
    async run({ network: { proxy }, pause }, chance) {
      const resets = 1 + chance.below(10)
      for (let reset = 0; reset < resets; reset++) {
        proxy.reset()
        await pause(chance.next())
      }
      return `${resets} times`
    },
  },
  {
    name: 'slow answers',
    parts: ['network'],
    async run({ network: { proxy }, pause }) {
      proxy.delayMs = 2_000
      await pause(15)
      proxy.delayMs = 0
      return 'by 2 s, for 15 s'
    },
  },
  ...(['deaf', 'mute'] as const).map(
    (mode): Fault => ({
      name: mode === 'deaf' ? 'requests are swallowed' : 'answers are swallowed',
      parts: ['network'],
      async run({ network: { proxy }, pause }) {
        proxy.mode = mode
        await pause(15)
        proxy.mode = 'pass'
        proxy.reset()
        return 'for 15 s'
      },
    }),
  ),
  {
    name: 'connections are refused',
    parts: ['network'],
    async run({ network, pause }) {
      await network.refuse()
      await pause(25)
      await network.listen()
      return 'for 25 s'
    },
  },
]

const stateFaults: Fault[] = [
  {
    name: 'the disk of the state is full',
    parts: ['state'],
    async run({ state, pause }, chance) {
      const filling = join(state, 'filling')
      const seconds = chance.pick([5, 15])
      await writeFile(filling, Buffer.alloc(4 << 20)).catch(() => {})
      await pause(seconds)
      await rm(filling, { force: true })
      return `for ${seconds} s`
    },
  },
  {
    name: 'a copy of the checkpoint is damaged',
    parts: ['agent', 'state'],
    async run({ agent, state }, chance) {
      await agent.end(chance.pick(['SIGTERM', 'SIGKILL']))
      const names = readdirSync(state).filter(name => /^checkpoint\.\d$/.test(name))
      const name = names.sort()[chance.below(2)] ?? names[0]
      const how = chance.pick(['cut', 'empty', 'zeros', 'bit'])
      if (name !== undefined) damage(join(state, name), how, chance.next())
      agent.start()
      return `${name}: ${how}`
    },
  },
  {
    name: 'the key is away at a start',
    parts: ['agent'],
    async run({ agent, cluster, pause }) {
      const { keyFile } = cluster.site
      const key = readFileSync(keyFile)
      await agent.end('SIGKILL')
      truncateSync(keyFile)
      agent.start()
      await pause(8)
      writeFileSync(keyFile, key)
      return 'an empty file for 8 s'
    },
  },
]

function damage(path: string, how: string, where: number): void {
  const bytes = readFileSync(path)
  const at = Math.floor(where * bytes.length)
  if (how === 'bit') bytes[at]! ^= 1
  if (how === 'zeros') bytes.fill(0)
  writeFileSync(path, how === 'empty' ? '' : how === 'cut' ? bytes.subarray(0, at) : bytes)
}

const clusterFaults: Fault[] = [
  {
    name: 'rollover',
    weight: 2,
    parts: ['cluster'],
    async run({ cluster: { client, site } }, chance) {
      const streams = await streamsOf(client, site.config.namespace)
      const chosen = new Set(Array.from({ length: 1 + chance.below(3) }, () => chance.pick(streams)))
      for (const alias of chosen) if (alias !== undefined) await client.indices.rollover({ alias })
      return [...chosen].join(' ')
    },
  },
  {
    name: 'an index is read-only',
    parts: ['cluster'],
    async run({ cluster: { client, site }, pause }, chance) {
      const index = chance.pick(await streamsOf(client, site.config.namespace))
      const seconds = chance.pick([5, 15])
      if (index === undefined) return 'there is none yet'
      const setting = chance.pick(['index.blocks.write', 'index.blocks.read_only_allow_delete'])
      await client.indices.putSettings({ index, settings: { [setting]: true } })
      await pause(seconds)
      await client.indices.putSettings({ index, settings: { [setting]: null } })
      return `${index}, ${setting}, for ${seconds} s`
    },
  },
]

async function streamsOf(client: SoakSite['cluster']['client'], namespace: string): Promise<string[]> {
  const { data_streams: streams } = await client.indices.resolveIndex({ name: `logs-mailman.*-${namespace}` })
  return streams.map(({ name }) => name).sort()
}

export const faults: readonly Fault[] = [...processFaults, ...networkFaults, ...fileFaults, ...stateFaults, ...clusterFaults]

/** What happens when: the same for the same seed. One in ten is two at once, or three. */
export function planOf(chance: Chance, count: number): { readonly fault: Fault; readonly seed: number }[][] {
  const urn = faults.flatMap(fault => Array.from({ length: fault.weight ?? 1 }, () => fault))
  return Array.from({ length: count }, () => {
    const chosen = [chance.pick(urn)]
    while (chosen.length < 3 && chance.next() < 0.1) chosen.push(chance.pick(urn))
    return chosen.map(fault => ({ fault, seed: chance.below(2 ** 31) }))
  })
}
