/** What a configuration needs beyond the unit, as settings of a drop-in. Looks at this host and asks for names; changes nothing. */
import { lookup } from 'node:dns/promises'
import { dirname } from 'node:path'
import { loadConfig } from '../config/load.js'
import { isLoopback } from '../config/loopback.js'
import type { Config } from '../config/options.js'
import { lookAround } from '../config/surroundings.js'
import { type Accounts, findGroups, findOpened, guardedPaths, isBelow, namesOf, withoutPrefix } from './check-unit-access.js'
import { findAddresses, type Resolving } from './check-unit-addresses.js'
import { DROP_IN, readUnit, type UnitFile, unitFiles, wordsOf } from './check-unit-file.js'

export interface Setting {
  readonly name: string
  /** '': takes back what the unit says. */
  readonly value: string
  /** One line. */
  readonly why: string
}

export interface UnitNeeds {
  readonly unitFile: string
  readonly configFile: string
  readonly settings: readonly Setting[]
  /** Paths that the unit closes, and must not. */
  readonly opened: readonly string[]
  /** What an administrator should know, a sentence each. */
  readonly remarks: readonly string[]
  /** What could not be found out: the settings are not all. */
  readonly missing: readonly string[]
}

/** Where things are on this host. */
export interface UnitPlaces extends Accounts, Resolving {
  readonly unitFiles: readonly string[]
  readonly dropIn: string
}

export const placesHere: UnitPlaces = {
  unitFiles,
  dropIn: DROP_IN,
  passwd: '/etc/passwd',
  group: '/etc/group',
  resolvConf: '/etc/resolv.conf',
  addressesOf: name =>
    lookup(name, { all: true }).then(
      found => found.map(({ address }) => address),
      () => [],
    ),
}

/** @throws ShipperError MLS_UNIT_MISSING, and those of a configuration that is refused */
export async function findNeeds(path: string | undefined, places: UnitPlaces): Promise<UnitNeeds> {
  const unit = await readUnit(places.unitFiles, places.dropIn)
  const state = `/var/lib/${unit.words('StateDirectory').at(-1)}`
  // As the unit will read it: without credentials, which are what is asked for here.
  const config = await loadConfig(path, { surroundings: { ...lookAround({ STATE_DIRECTORY: state }), isRoot: true } })
  const found = await findAddresses(config, unit.words('IPAddressAllow'), places)
  const { groups, remarks } = await findGroups(config, unit, places)
  const closed = unit.lines('InaccessiblePaths')
  const opened = await findOpened(config, closed.flatMap(wordsOf))
  const files = filesFor(config, unit, state)
  const settings: Setting[] = [
    ...found.addresses.map(({ address, why }) => ({ name: 'IPAddressAllow', value: address, why })),
    ...groupSettings(groups),
    ...pathSettings(closed, opened),
    ...(await homeSettings(config, unit)),
    ...files.settings,
  ]
  return {
    unitFile: unit.path,
    configFile: config.file ?? 'no file, all defaults',
    settings,
    opened: opened.map(each => each.path),
    remarks: [...remarks, ...remarksOn(config, found.isNamed)],
    missing: [...found.missing, ...files.missing],
  }
}

function groupSettings(groups: readonly string[] | undefined): Setting[] {
  if (groups === undefined) return []
  const why =
    groups.length === 0 ? 'The group of the unit is not on this host.' : 'Whose files the logs are, and what guards read.'
  const given = groups.length === 0 ? [] : [groups.join(' ')]
  return ['', ...given].map(value => ({ name: 'SupplementaryGroups', value, why }))
}

function pathSettings(closed: readonly string[], opened: readonly { readonly path: string; readonly what: string }[]): Setting[] {
  if (opened.length === 0) return []
  const why = `Closed as in the unit, but for ${opened.map(({ path, what }) => `${path} (${what})`).join(', ')}.`
  const isOpen = new Set(opened.map(({ path }) => path))
  const rest = closed
    .map(line => wordsOf(line).filter(entry => !isOpen.has(withoutPrefix(entry))))
    .filter(words => words.length > 0)
  return ['', ...rest.map(words => words.join(' '))].map(value => ({ name: 'InaccessiblePaths', value, why }))
}

/** systemd.exec(5), ProtectHome=. */
const HOMES = ['/home', '/root', '/run/user']

async function homeSettings(config: Config, unit: UnitFile): Promise<Setting[]> {
  if (unit.words('ProtectHome').at(-1) !== 'yes') return []
  const { elasticsearch, alerts, state, local, ndjson, logs } = config
  const paths = [
    ...logs.directories,
    ...guardedPaths(config).map(({ path }) => path),
    ...[state.directory, local.file, ndjson?.file, elasticsearch?.caFile, elasticsearch?.passwordFile],
    ...(alerts.enabled ? [alerts.mail?.caFile, alerts.heartbeat?.urlFile] : []),
    ...(alerts.enabled ? alerts.webhooks.flatMap(({ urlFile, keyFile, caFile }) => [urlFile, keyFile, caFile]) : []),
  ].filter(path => path !== undefined)
  for (const path of paths)
    if ((await namesOf(path)).some(name => HOMES.some(home => isBelow(name, home))))
      return [{ name: 'ProtectHome', value: 'read-only', why: `${path} is in a home.` }]
  return []
}

/** Keys in other places than the unit hands them over from, and what is written outside the state directory. */
function filesFor(config: Config, unit: UnitFile, state: string): { settings: Setting[]; missing: string[] } {
  const { elasticsearch, privacy, alerts, local, ndjson } = config
  const isHashed = [privacy.addresses, privacy.names, privacy.subjects, privacy.ips].includes('hash')
  const keys = [
    ['elasticsearch-api-key', elasticsearch?.apiKeyFile, 'elasticsearch.apiKeyFile'],
    ['privacy-key', isHashed ? privacy.keyFile : undefined, 'privacy.keyFile'],
    ['alerts-mail-password', alerts.enabled ? alerts.mail?.passwordFile : undefined, 'alerts.mail.passwordFile'],
  ] as const
  const outputs = [
    ['state.directory', config.state.directory],
    ['ndjson.file', ndjson === undefined || ndjson.file === '-' ? undefined : dirname(ndjson.file)],
    ['local.file', elasticsearch === undefined && ndjson === undefined ? dirname(local.file) : undefined],
  ] as const
  const settings: Setting[] = []
  const missing: string[] = []
  const add = (name: string, path: string, why: string, toValue: (escaped: string) => string): void => {
    if (/[\p{Cc}"\\]/u.test(path)) missing.push(`${why} has characters that cannot be written in a unit`)
    else settings.push({ name, value: toValue(path.replace(/%/g, '%%')), why })
  }
  for (const [id, path, why] of keys)
    if (path !== undefined && !unit.words('LoadCredential').includes(`${id}:${path}`))
      add('LoadCredential', path, why, escaped => `${id}:${escaped}`)
  // `-`: a directory that is not there yet would keep the unit from starting.
  for (const [why, path] of outputs)
    if (path !== undefined && !isBelow(path, state)) add('ReadWritePaths', path, why, escaped => `"-${escaped}"`)
  return { settings, missing }
}

function remarksOn({ metrics, alerts }: Config, isNamed: boolean): string[] {
  const listen = metrics?.listen ?? '127.0.0.1:0'
  return [
    ...(isNamed ? ['Addresses are those of the names now: when one changes, `mailman-shipper check --unit --write` again.'] : []),
    ...(isLoopback(listen.slice(0, listen.lastIndexOf(':')))
      ? []
      : ['metrics.listen: who asks from a public address is not let in; allow it by `systemctl edit mailman-shipper`.']),
    ...(alerts.enabled && alerts.command !== undefined
      ? ['alerts.command: the program runs in the sandbox of the unit; what it needs is not known here.']
      : []),
  ]
}
