/**
 * What the announcer knows, on disk: the alerts as they were seen last, what each notifier was told of them, the messages that are
 * on the way. A message is here before it is sent, and that it was taken afterwards: killed between, it is sent again, with the same
 * id, and never lost.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { readWhole, replaceFile } from '../checkpoint/whole-file.js'
import { type Lane, type Message, newLane } from './lane.js'
import type { Seen, Told } from './plan.js'

export const OUTBOX_FILE = 'alerts.json'
const FORMAT = 1

export interface OutboxState {
  readonly savedMs: number
  readonly seen: ReadonlyMap<string, Seen>
  /** By the notifier's name. */
  readonly lanes: ReadonlyMap<string, Lane>
}

/** Pairs, no objects: keys may look like numbers, which JavaScript would put in another order. */
interface Saved {
  readonly savedMs: number
  readonly seen: readonly (readonly [string, Seen])[]
  readonly lanes: readonly {
    readonly name: string
    readonly told: readonly (readonly [string, Told])[]
    readonly way: Message[]
    readonly madeMs: number[]
    readonly limitedMs?: number | undefined
  }[]
}

/** Returns when it is safe on disk. @throws the system's error; what was there is untouched then */
export async function saveOutbox(directory: string, { savedMs, seen, lanes }: OutboxState): Promise<void> {
  const saved: Saved = {
    savedMs,
    seen: [...seen],
    lanes: [...lanes].map(([name, { told, ...rest }]) => ({ name, told: [...told], ...rest })),
  }
  const state = JSON.stringify(saved)
  await replaceFile(join(directory, OUTBOX_FILE), `{"format":${FORMAT},"sha256":"${hashOf(state)}","state":${state}}\n`)
}

/** Undefined: there is none. `damaged`: it is not what was written, or of another version. @throws the system's error */
export async function loadOutbox(directory: string): Promise<OutboxState | 'damaged' | undefined> {
  const text = await readWhole(join(directory, OUTBOX_FILE))
  if (text === undefined) return undefined
  const [, format, hash, state] = /^\{"format":(\d+),"sha256":"([0-9a-f]{64})","state":(.*)\}\n$/s.exec(text) ?? []
  if (format !== `${FORMAT}` || state === undefined || hash !== hashOf(state)) return 'damaged'
  // The hash says that we wrote it, so its shape is known.
  const { savedMs, seen, lanes }: Saved = JSON.parse(state)
  return {
    savedMs,
    seen: new Map(seen),
    lanes: new Map(lanes.map(({ name, told, ...rest }) => [name, { ...newLane(), ...rest, told: new Map(told) }])),
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
