/** To which addresses the agent speaks, by its configuration: those that the unit does not let it reach. Nothing is connected to. */
import { readFile } from 'node:fs/promises'
import { BlockList, isIP } from 'node:net'
import { isLoopback } from '../config/loopback.js'
import type { Config } from '../config/options.js'
import { readSecret } from '../delivery/secret.js'
import { ShipperError } from '../errors.js'
import { wordsOf } from './check-unit-file.js'

/** glibc asks no more than the first three (resolv.conf(5)). */
const MAX_RESOLVERS = 3

export interface Needed {
  /** IPv4 or IPv6, as IPAddressAllow= takes it. */
  readonly address: string
  /** Which options need it, and the host's name, where that is no secret. */
  readonly why: string
}

export interface NeededAddresses {
  readonly addresses: readonly Needed[]
  /** An address stands for a name, so it can change. */
  readonly isNamed: boolean
  /** What could not be found out, a sentence each. */
  readonly missing: readonly string[]
}

export interface Resolving {
  /** All addresses of a name, none where it is not known. */
  addressesOf(name: string): Promise<readonly string[]>
  readonly resolvConf: string
}

interface Endpoint {
  readonly what: string
  readonly host: string
  /** The URL comes from a file: of its host, too, nothing is said. */
  readonly isSecret: boolean
}

/** @param allowed the words of the unit's own IPAddressAllow= */
export async function findAddresses(config: Config, allowed: readonly string[], resolving: Resolving): Promise<NeededAddresses> {
  const { endpoints, missing } = await endpointsOf(config)
  const reached = addressList(allowed)
  const whys = new Map<string, string[]>()
  const add = (scoped: string, why: string): boolean => {
    const address = scoped.replace(/%.*$/, '')
    if (isListed(reached, address)) return false
    const before = whys.get(address) ?? []
    whys.set(address, before.includes(why) ? before : [...before, why])
    return true
  }
  let asksNames = false
  let isNamed = false
  for (const { what, host, isSecret } of endpoints) {
    if (isLoopback(host)) continue
    const bare = host.replace(/^\[(.*)\]$/, '$1')
    const why = isSecret ? `${what} (from its file)` : `${what}: ${bare}`
    if (isIP(bare) !== 0) {
      add(bare, why)
      continue
    }
    asksNames = true
    const addresses = await resolving.addressesOf(bare)
    if (addresses.length === 0) missing.push(`${why}: the name is not known here now`)
    for (const address of [...addresses].sort()) if (add(address, why)) isNamed = true
  }
  if (asksNames)
    for (const address of await resolversOf(resolving.resolvConf)) add(address, `resolver of ${resolving.resolvConf}`)
  return { addresses: [...whys].map(([address, why]) => ({ address, why: why.join('; ') })), isNamed, missing }
}

async function endpointsOf({ elasticsearch, alerts }: Config): Promise<{ endpoints: Endpoint[]; missing: string[] }> {
  const endpoints: Endpoint[] = []
  const missing: string[] = []
  const add = (what: string, url: string, isSecret = false): void => {
    if (URL.canParse(url) && new URL(url).hostname !== '') endpoints.push({ what, host: new URL(url).hostname, isSecret })
    else missing.push(`${what}: it is no URL`)
  }
  for (const node of elasticsearch?.nodes ?? []) add('elasticsearch.nodes', node)
  if (!alerts.enabled) return { endpoints, missing }
  for (const server of alerts.mail?.servers ?? []) add('alerts.mail.servers', server)
  const urls = [
    ...alerts.webhooks.map(({ name, url, urlFile }) => ({ what: `alerts.webhooks, ${name}`, url, urlFile })),
    ...(alerts.heartbeat === undefined ? [] : [{ what: 'alerts.heartbeat', ...alerts.heartbeat }]),
  ]
  for (const { what, url, urlFile } of urls) {
    if (url !== undefined) add(what, url)
    else if (urlFile !== undefined) {
      try {
        add(what, await readSecret(urlFile), true)
      } catch (error) {
        if (!(error instanceof ShipperError)) throw error
        missing.push(`${what}: ${error.detail}`)
      }
    }
  }
  return { endpoints, missing }
}

async function resolversOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const named = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => address)
  return named.slice(0, MAX_RESOLVERS).filter(address => isIP(address) !== 0)
}

/** systemd.resource-control(5), the names that IPAddressAllow= knows. */
const symbols: ReadonlyMap<string, string> = new Map([
  ['any', '0.0.0.0/0 ::/0'],
  ['localhost', '127.0.0.0/8 ::1/128'],
  ['link-local', '169.254.0.0/16 fe80::/64'],
  ['multicast', '224.0.0.0/4 ff00::/8'],
])

export function addressList(words: readonly string[]): BlockList {
  const list = new BlockList()
  for (const word of words.flatMap(each => wordsOf(symbols.get(each) ?? each))) {
    const [address = '', prefix] = word.split('/')
    const version = isIP(address)
    if (version !== 0) list.addSubnet(address, Number(prefix ?? (version === 4 ? 32 : 128)), version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

export const isListed = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
