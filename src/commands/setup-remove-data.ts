/** `setup --remove --with-data`: shows what would be deleted for ever, and asks whether it is meant. */
import { createInterface } from 'node:readline/promises'
import type { Connection } from '../delivery/client.js'
import { orUndefined } from '../delivery/index-setup.js'
import { findMissing } from '../delivery/privileges.js'
import { otherHosts } from '../delivery/removal.js'
import { findStreams, type StreamFound, streamRemovalRights } from '../delivery/stream-removal.js'
import { printable } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { sayBytes } from './check-host.js'
import { sayEvents } from './erase-say.js'

export interface DataQuestion {
  readonly namespace: string
  /** What the account lacks for the rest, in words. */
  readonly missing: readonly string[]
  /** No need to ask. */
  readonly yes: boolean
  out(line: string): void
  /** Asks a person; undefined: nobody is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined
}

/** @throws ShipperError MLS_SETUP_PRIVILEGE, where nothing of it may be deleted; else the client's error */
export async function askAboutData(
  client: Connection['client'],
  { namespace, missing, yes, out, ask }: DataQuestion,
): Promise<{ readonly streams: readonly StreamFound[]; readonly isMeant: boolean }> {
  // A server without security answers 400: anybody may.
  const rights = { cluster: [], index: streamRemovalRights }
  const lacks = (await orUndefined(findMissing(client, rights, namespace), [400, 404, 405])) ?? []
  if (lacks.length > 0) throw new ShipperError('MLS_SETUP_PRIVILEGE', `${lacks.join('; ')}. Nothing is removed`)
  const streams = await findStreams(client, namespace)
  for (const line of describeStreams(namespace, streams)) out(line)
  // Who may not see the keys is told so by the steps.
  const hosts = await orUndefined(otherHosts(client, namespace), [400, 403, 404, 405])
  if (hosts !== undefined)
    out(`Hosts with a key for this namespace: ${printable(hosts)}. Those that go on shipping make new streams.`)
  if (missing.length > 0) out(`The account lacks ${[...new Set(missing)].join('; ')}: what needs that will be refused.`)
  if (yes || streams.length === 0) return { streams, isMeant: true }
  const typed = await ask?.(`Delete all of it for ever? Type the namespace’s name, ${printable(namespace)}: `)
  return { streams, isMeant: typed?.trim() === namespace }
}

function describeStreams(namespace: string, streams: readonly StreamFound[]): string[] {
  if (streams.length === 0) return [`Namespace ${printable(namespace)} has no data stream.`]
  const rows = streams.map(({ name, events, bytes }) => [sayEvents(events), sayBytes(bytes), printable(name)] as const)
  const widths = [0, 1].map(i => Math.max(...rows.map(row => row[i]!.length)))
  const sum = streams.reduce((total, { events }) => total + events, 0)
  return [
    `Data streams of namespace ${printable(namespace)}, ${sayEvents(sum)} in all:`,
    ...rows.map(([events, bytes, name]) => `  ${events.padStart(widths[0]!)}  ${bytes.padStart(widths[1]!)}  ${name}`),
  ]
}

export async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}
