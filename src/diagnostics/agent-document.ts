/**
 * The agent's own health as a small document for Elasticsearch: one table, from which the documents and their mapping are made. Each
 * figure is read from the same status that `status --json` shows. Nothing in it is a stranger's: no path, no address, no text of a log.
 *
 * What grows stands there twice: `mailman.agent.total.…` since the agent's start, and `mailman.agent.…` since the document before,
 * which can be added up over restarts and hosts. Of the lag there is the whole, and which log has the longest: one document for each
 * log would be fourteen times as many, and what a log has not understood can be counted in its own events.
 */
import { type AgentStatus, codesOf, type Tally } from './status.js'

type Value = string | number | boolean | readonly string[] | undefined

interface Figure {
  readonly type: 'date' | 'keyword' | 'long' | 'float' | 'boolean'
  readonly read: (now: Figures, before: Figures | undefined) => Value
}

/** `start` and `end` of an agent that was told to, or whatever is between. */
export type Moment = 'start' | 'info' | 'end'

/** What a document is made of. */
export interface Figures {
  readonly status: AgentStatus
  readonly usage: Usage
  readonly moment: Moment
  readonly site: Site
}

/** Of this process; `…Seconds` since the agent’s start. */
export interface Usage {
  readonly cpuSeconds: number
  readonly busySeconds: number
  readonly memoryBytes: number
  readonly heapBytes: number
  /** The longest that a timer was late, since the document before. */
  readonly delaySeconds: number
}

export interface Site {
  readonly hostName: string
  readonly instance: string
  readonly namespace: string
}

export const agentDataset = 'mailman.agent'

const constant = (value: string): Figure => ({ type: 'keyword', read: () => value })
const secondsBetween = (from: string, to: string): number => Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
const sumOf = <T = number>(values: Readonly<Record<string, T>>, read = (value: T): number => Number(value)): number =>
  Object.values(values).reduce((sum, value) => sum + read(value), 0)
/** Of a log that has no templates nothing is to be understood: it counts no action of its own (event-counts.ts). */
const isParsed = (tally: Tally): boolean => Object.keys(tally).some(name => name !== 'none' && name !== 'suspect')

/** Since the document before, and since the start. */
function counter(name: string, type: 'long' | 'float', read: (now: Figures) => number): Record<string, Figure> {
  const exact = (value: number): number => Math.round(value * 1000) / 1000
  return {
    [`mailman.agent.${name}`]: { type, read: (now, before) => exact(read(now) - (before === undefined ? 0 : read(before))) },
    [`mailman.agent.total.${name}`]: { type, read: now => exact(read(now)) },
  }
}

const longestLag = ({ status: { files } }: Figures) =>
  files.reduce((most, file) => (file.lagSeconds > most.lagSeconds ? file : most), {
    log: undefined as string | undefined,
    lagSeconds: 0,
  })

/** Field → its type in the mapping and its value. */
export const figures: Readonly<Record<string, Figure>> = {
  '@timestamp': { type: 'date', read: ({ status }) => status.at },
  'ecs.version': constant('9.4.0'),
  'data_stream.type': constant('metrics'),
  'data_stream.dataset': constant(agentDataset),
  'data_stream.namespace': { type: 'keyword', read: ({ site }) => site.namespace },
  'event.dataset': constant(agentDataset),
  'event.kind': constant('metric'),
  'event.module': constant('mailman'),
  'event.type': { type: 'keyword', read: ({ moment }) => [moment] },
  'host.name': { type: 'keyword', read: ({ site }) => site.hostName },
  'agent.type': constant('mailman-shipper'),
  'agent.version': { type: 'keyword', read: ({ status }) => status.version },
  'mailman.instance': { type: 'keyword', read: ({ site }) => site.instance },
  'process.pid': { type: 'long', read: ({ status }) => status.pid },

  'mailman.agent.uptime.seconds': { type: 'long', read: ({ status }) => secondsBetween(status.startedAt, status.at) },
  /** Which time the figures since the document before are of. */
  'mailman.agent.period.seconds': {
    type: 'long',
    read: ({ status }, before) => secondsBetween(before?.status.at ?? status.startedAt, status.at),
  },

  'mailman.agent.held_up': { type: 'boolean', read: ({ status }) => status.holdUp !== null },
  'mailman.agent.hold_up.code': { type: 'keyword', read: ({ status }) => status.holdUp?.code },
  'mailman.agent.hold_up.seconds': {
    type: 'long',
    read: ({ status }) => (status.holdUp === null ? 0 : secondsBetween(status.holdUp.since, status.at)),
  },
  /** All codes of now, that of the hold-up too. */
  'mailman.agent.troubles': { type: 'keyword', read: ({ status }) => [...codesOf(status)] },
  'mailman.agent.blocked_places': { type: 'long', read: ({ status }) => status.blocked.length },

  'mailman.agent.lag.bytes': { type: 'long', read: ({ status }) => status.files.reduce((sum, file) => sum + file.lagBytes, 0) },
  'mailman.agent.lag.seconds': { type: 'long', read: now => longestLag(now).lagSeconds },
  /** The log with that lag; absent where nothing waits. */
  'mailman.agent.lag.log': { type: 'keyword', read: now => longestLag(now).log },

  ...counter('events.stored', 'long', ({ status }) => status.counts.stored),
  ...counter('events.known', 'long', ({ status }) => status.counts.duplicates),
  ...counter('events.set_aside', 'long', ({ status }) => status.counts.setAside),
  ...counter('events.read', 'long', ({ status }) => sumOf(status.events, tally => sumOf(tally))),
  ...counter('events.unparsed', 'long', ({ status }) => sumOf(status.events, tally => (isParsed(tally) ? (tally.none ?? 0) : 0))),
  ...counter('events.suspect', 'long', ({ status }) => sumOf(status.events, tally => tally.suspect ?? 0)),
  ...counter('lost.bytes', 'long', ({ status }) => status.losses.lostBytes),
  ...counter('lost.files', 'long', ({ status }) => status.losses.goneFiles),
  ...counter('requests', 'long', ({ status }) => status.delivery.requests),
  ...counter('retries', 'long', ({ status }) => sumOf(status.delivery.retries)),

  /** Since this run wrote the checkpoint; it grows while there is nothing new. */
  'mailman.agent.checkpoint.age.seconds': {
    type: 'long',
    read: ({ status: { checkpoint, at } }) =>
      checkpoint.writtenAt === null ? undefined : secondsBetween(checkpoint.writtenAt, at),
  },
  ...counter('checkpoint.failures', 'long', ({ status }) => status.checkpoint.failures),

  'mailman.agent.files': { type: 'long', read: ({ status }) => status.files.length },
  'mailman.agent.memory.bytes': { type: 'long', read: ({ usage }) => usage.memoryBytes },
  'mailman.agent.heap.bytes': { type: 'long', read: ({ usage }) => usage.heapBytes },
  ...counter('cpu.seconds', 'float', ({ usage }) => usage.cpuSeconds),
  ...counter('event_loop.busy.seconds', 'float', ({ usage }) => usage.busySeconds),
  'mailman.agent.event_loop.delay.seconds': { type: 'float', read: ({ usage }) => usage.delaySeconds },
}

type Tree = { [name: string]: Tree | Exclude<Value, undefined> }

/** @param before of the document before this one; undefined: there was none since the start */
export function makeAgentDocument(now: Figures, before: Figures | undefined): object {
  const document: Tree = {}
  for (const [name, { read }] of Object.entries(figures)) {
    const value = read(now, before)
    if (value === undefined) continue
    const path = name.split('.')
    const leaf = path.pop()!
    let node = document
    for (const part of path) {
      node[part] ??= {}
      node = node[part] as Tree
    }
    node[leaf] = value
  }
  return document
}
