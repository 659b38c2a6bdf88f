/**
 * Which list somebody means, and which events are its own. Mailman 3 names a list with its domain. Mailman 2.1 does not, so the
 * configuration says which domain a host serves; where several hosts, or both Mailmans, have a list of one name and it is not
 * clear whose is meant, nobody gets a link.
 */
import { textAt } from '../../store/entry.js'
import type { EventStore, StoredEvent } from '../../store/query.js'

export interface OneList {
  /** As a store is asked for it: `announce`, or with its domain where the logs name that. */
  readonly value: string
  readonly name: string
  readonly domain: string
  /** Whether an event names this list, and no other of that name. */
  isOf(event: StoredEvent): boolean
}

/** `web.askMyList.domains` */
export type Domains = ReadonlyMap<string, ReadonlySet<string>>

export const readDomains = (domains: Readonly<Record<string, readonly string[]>>): Domains =>
  new Map(Object.entries(domains).map(([domain, hosts]) => [domain, new Set(hosts)]))

/** What Mailman takes for a list's name; ASCII alone: a letter that looks like one of these is none. */
const typedList = /^([-+_=!$*{}~\w]+(?:\.[-+_=!$*{}~\w]+)*)(?:@([\w.-]{1,253}))?$/
const MAX_NAME = 100

/** What only happens to lists that are there. Others are named by strangers: mail to a list that never was. */
const ofLists = new Set([
  'message-held',
  'message-approved',
  'message-posted',
  'message-delivered',
  'member-subscribed',
  'member-unsubscribed',
  'member-removed',
  'subscription-pending',
  'subscription-held',
  'bounce-received',
])

/** Undefined: no such list, or it is not clear whose. */
export async function findList(store: EventStore, typed: string, domains: Domains): Promise<OneList | undefined> {
  const [, given = '', givenDomain] = typedList.exec(typed.trim()) ?? []
  if (given === '' || given.length > MAX_NAME) return undefined
  const name = given.toLowerCase()
  const wanted = givenDomain?.toLowerCase()
  const known = (await store.terms({ list: name }, 'mailman.list.fqdn', 1000)).map(({ value }) => value)
  if (known.length > 0) {
    const fitting = known.filter(value => wanted === undefined || value === `${name}@${wanted}`)
    const list = fitting.length === 1 ? listOf(fitting[0]!, fitting[0]!.slice(name.length + 1), domains) : undefined
    return list !== undefined && (await isThere(store, list)) ? list : undefined
  }
  const domain = await domainOf(store, name, domains)
  if (domain === undefined || (wanted !== undefined && wanted !== domain)) return undefined
  const list = listOf(name, domain, domains)
  if (list === undefined) return undefined
  return (await isThere(store, list)) ? list : undefined
}

/** The one domain that all hosts which name this list serve. */
async function domainOf(store: EventStore, name: string, domains: Domains): Promise<string | undefined> {
  const hosts = (await store.terms({ list: name }, 'host.name', 1000)).map(({ value }) => value)
  const fitting = [...domains].filter(([, served]) => hosts.every(host => served.has(host)))
  return hosts.length > 0 && fitting.length === 1 ? fitting[0]![0] : undefined
}

async function isThere(store: EventStore, { value }: OneList): Promise<boolean> {
  return (await store.terms({ list: value }, 'event.action', 100)).some(({ value: action }) => ofLists.has(action))
}

/** @param value as a store is asked for it  @returns undefined: its domain is none of ours */
export function listOf(value: string, domain: string, domains: Domains): OneList | undefined {
  const hosts = domains.get(domain)
  if (hosts === undefined) return undefined
  const [name = '', ...rest] = value.split('@')
  const isNamedWhole = rest.length > 0
  return {
    value,
    name,
    domain,
    isOf: ({ document }) => {
      if (textAt(document, ['mailman', 'list', 'name']) !== name) return false
      const fqdn = textAt(document, ['mailman', 'list', 'fqdn'])
      return isNamedWhole ? fqdn === value : fqdn === undefined && hosts.has(textAt(document, ['host', 'name']) ?? '')
    },
  }
}
