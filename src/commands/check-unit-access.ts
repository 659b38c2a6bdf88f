/** What the agent reads of Mailman's, by its configuration: the groups that let it, and what the unit closes before it. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '../config/options.js'
import { scan } from '../files/scan.js'
import type { UnitFile } from './check-unit-file.js'

/** What the agent does with a path, as the bits of a mode: for others; of the group, three bits higher. */
const LOOK_THROUGH = 0o1
const READ = 0o4
const LIST = 0o5

/** Who is in one of them is as good as root; the package does not give them either (deploy/deb/postinst). */
const BARRED_GROUPS: ReadonlySet<string> = new Set(['root', 'shadow', 'disk', 'docker', 'sudo', 'wheel'])

/** A path that a guard looks at, and all that is below it. */
interface Guarded {
  readonly path: string
  readonly what: string
}

export function guardedPaths({ alerts }: Config): Guarded[] {
  if (!alerts.enabled) return []
  const { queues, configuration, archives, held } = alerts.guards
  return [
    ...(queues?.directories ?? []).map(path => ({ path, what: 'queues' })),
    ...(configuration?.files ?? []).map(path => ({ path, what: 'configuration' })),
    ...(archives?.directories ?? []).map(path => ({ path, what: 'archives' })),
    ...(held?.directories ?? []).map(path => ({ path, what: 'held' })),
  ]
}

export interface Opened {
  /** As the unit has it, without its `-`. */
  readonly path: string
  readonly what: string
}

/** Those of the unit's InaccessiblePaths= behind which there is something to read, under whatever name. */
export async function findOpened(config: Config, closed: readonly string[]): Promise<Opened[]> {
  const guarded = await Promise.all(
    guardedPaths(config).map(async ({ path, what }) => ({ names: await namesOf(path), what: `alerts.guards.${what}` })),
  )
  const logs = await Promise.all(config.logs.directories.map(namesOf))
  const opened: Opened[] = []
  for (const entry of closed) {
    const path = withoutPrefix(entry)
    const names = await namesOf(path)
    const isIn = (inner: readonly string[], outer: readonly string[]) => inner.some(a => outer.some(b => isBelow(a, b)))
    const whats = new Set(guarded.filter(each => isIn(each.names, names) || isIn(names, each.names)).map(({ what }) => what))
    if (logs.some(each => isIn(each, names))) whats.add('logs.directories')
    if (whats.size > 0) opened.push({ path, what: [...whats].join(', ') })
  }
  return opened
}

export const withoutPrefix = (entry: string): string => entry.replace(/^[-+]+/, '')

export const isBelow = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`)

/** A path, and what it is a link to. */
export async function namesOf(path: string): Promise<string[]> {
  const real = await realpath(path).catch(() => path)
  return real === path ? [path] : [path, real]
}

export interface Accounts {
  readonly passwd: string
  readonly group: string
}

export interface NeededGroups {
  /** All that the unit should give, by name (or number); undefined: those that it has will do. */
  readonly groups: readonly string[] | undefined
  readonly remarks: readonly string[]
}

/** @throws the system's error where there are no accounts to look into */
export async function findGroups(config: Config, unit: UnitFile, accounts: Accounts): Promise<NeededGroups> {
  const groups = (await readFile(accounts.group, 'utf8')).split('\n').map(line => line.split(':'))
  const nameOf = (gid: number): string => groups.find(([, , number]) => number === String(gid))?.[0] ?? String(gid)
  const user = unit.words('User').at(-1) ?? ''
  const [, , uid, gid] =
    (await readFile(accounts.passwd, 'utf8'))
      .split('\n')
      .find(line => line.startsWith(`${user}:`))
      ?.split(':') ?? []
  // What the list of groups gives the user it has beside what the unit gives.
  const own = new Set(
    groups.filter(([, , , members]) => members?.split(',').includes(user)).map(([, , number]) => Number(number)),
  )
  if (gid !== undefined) own.add(Number(gid))

  const needed = new Set<string>()
  const barred: string[] = []
  for (const [path, bits] of await pathsToRead(config)) {
    const stats = await stat(path).catch(() => undefined)
    if (stats === undefined || String(stats.uid) === uid || own.has(stats.gid) || (stats.mode & bits) === bits) continue
    if (stats.gid !== 0 && !BARRED_GROUPS.has(nameOf(stats.gid)) && ((stats.mode >> 3) & bits) === bits)
      needed.add(nameOf(stats.gid))
    else barred.push(path)
  }
  const given = unit.words('SupplementaryGroups')
  const isThere = (name: string): boolean => groups.some(([each]) => each === name)
  const isEnough = [...needed].every(name => given.includes(name)) && given.every(isThere)
  return {
    groups: isEnough ? undefined : [...needed].sort(),
    remarks: barred
      .slice(0, 3)
      .map(path => `no group lets the agent read ${path} (chgrp and chmod it; \`mailman-shipper check\` says more)`),
  }
}

async function pathsToRead(config: Config): Promise<Map<string, number>> {
  const { directories, names } = config.logs
  const found = new Map<string, number>()
  const add = async (path: string, bits: number): Promise<void> => {
    for (const name of await namesOf(path)) {
      found.set(name, (found.get(name) ?? 0) | bits)
      for (let up = dirname(name); up !== dirname(up); up = dirname(up)) found.set(up, (found.get(up) ?? 0) | LOOK_THROUGH)
    }
  }
  for (const directory of directories) await add(directory, LIST)
  for (const { path } of (await scan(directories, new Set(names))).files) await add(path, READ)
  for (const { path } of guardedPaths(config)) {
    const isDirectory = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
    await add(path, isDirectory ? LIST : READ)
  }
  return found
}
