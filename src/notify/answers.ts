/**
 * What people answer: silences, and that they know of an alert. A file of the state directory that commands and the page write and
 * the agent only reads.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Alert } from '../alerts/alert.js'
import { checkStateDirectory } from '../checkpoint/directory.js'
import { withLock } from '../checkpoint/lock.js'
import { readWhole, replaceFile } from '../checkpoint/whole-file.js'
import { ShipperError } from '../errors.js'

export const ANSWERS_FILE = 'answers.json'

export interface Silence {
  readonly id: string
  /** Null: of every list and of the host. */
  readonly list: string | null
  /** Null: of every kind. */
  readonly kind: string | null
  readonly fromMs: number
  /** Exclusive. Of one that somebody ended, when. */
  readonly untilMs: number
  readonly by: string
  readonly comment: string
}

export interface Acknowledgement {
  readonly key: string
  readonly atMs: number
  readonly by: string
  readonly comment: string
}

export interface Answers {
  readonly format: 1
  readonly silences: readonly Silence[]
  readonly acknowledged: readonly Acknowledgement[]
}

const isText = (value: unknown) => typeof value === 'string'
const isTextOrNull = (value: unknown) => value === null || isText(value)
const isTime = (value: unknown) => Number.isFinite(value) && Number(value) >= 0

const silenceFields = {
  id: isText,
  list: isTextOrNull,
  kind: isTextOrNull,
  fromMs: isTime,
  untilMs: isTime,
  by: isText,
  comment: isText,
} satisfies Record<keyof Silence, unknown>
const acknowledgementFields = { key: isText, atMs: isTime, by: isText, comment: isText } satisfies Record<
  keyof Acknowledgement,
  unknown
>

function isAnswers(value: unknown): value is Answers {
  const { format, silences, acknowledged } = Object(value) as Partial<Record<keyof Answers, unknown>>
  return format === 1 && areAll(silences, silenceFields) && areAll(acknowledged, acknowledgementFields)
}

function areAll(items: unknown, fields: Readonly<Record<string, (value: unknown) => boolean>>): boolean {
  const checks = Object.entries(fields)
  return Array.isArray(items) && items.every(item => checks.every(([name, fits]) => fits(Object(item)[name])))
}

export const noAnswers: Answers = { format: 1, silences: [], acknowledged: [] }

/** One that is over is kept: what lasts longer than it is said again. */
const KEPT_MS = 8 * 86_400_000
const MAX_SILENCES = 500
const MAX_ACKNOWLEDGED = 1000
const MAX_CHARACTERS = 500

export const isSilenced = ({ list, kind }: Pick<Silence, 'list' | 'kind'>, alert: Pick<Alert, 'list' | 'kind'>): boolean =>
  (list === null || list === alert.list) && (kind === null || kind === alert.kind)

/** Nothing where nobody answered yet; `damaged` where it is not what was written. @throws the system's error */
export async function readAnswers(directory: string): Promise<Answers | 'damaged'> {
  const text = await readWhole(join(directory, ANSWERS_FILE))
  if (text === undefined) return noAnswers
  try {
    const value: unknown = JSON.parse(text)
    return isAnswers(value) ? value : 'damaged'
  } catch {
    return 'damaged'
  }
}

export interface Answering {
  /** Text of a person, as all that is said here. */
  readonly by: string
  readonly comment?: string | undefined
  readonly nowMs: number
}

/** Ends the repetition of these alerts. @throws ShipperError MLS_STATE_UNSAFE, MLS_STATE_UNREADABLE, MLS_STATE_LOCKED */
export async function acknowledge(directory: string, keys: readonly string[], { by, comment = '', nowMs }: Answering) {
  const added = keys.map(key => ({ key: cut(key), atMs: nowMs, by: cut(by), comment: cut(comment) }))
  await change(directory, before => ({
    ...before,
    acknowledged: [...before.acknowledged.filter(({ key }) => !keys.includes(key)), ...added].slice(-MAX_ACKNOWLEDGED),
  }))
}

/** @returns what was added  @throws as `acknowledge` */
export async function silence(
  directory: string,
  what: Pick<Silence, 'list' | 'kind' | 'untilMs'>,
  { by, comment = '', nowMs }: Answering,
): Promise<Silence> {
  const added = { id: randomBytes(3).toString('hex'), ...what, fromMs: nowMs, by: cut(by), comment: cut(comment) }
  await change(directory, before => ({
    ...before,
    silences: [...before.silences.filter(({ untilMs }) => untilMs > nowMs - KEPT_MS), added].slice(-MAX_SILENCES),
  }))
  return added
}

/** @returns the silence that is over now; undefined: none of this id lasts  @throws as `acknowledge` */
export async function endSilence(directory: string, id: string, nowMs: number): Promise<Silence | undefined> {
  let ended: Silence | undefined
  await change(directory, before => {
    ended = before.silences.find(each => each.id === id && each.untilMs > nowMs)
    return { ...before, silences: before.silences.map(each => (each === ended ? { ...each, untilMs: nowMs } : each)) }
  })
  return ended
}

async function change(directory: string, work: (before: Answers) => Answers): Promise<void> {
  try {
    await checkStateDirectory(directory)
    await withLock(directory, '-answers', async () => {
      const before = await readAnswers(directory)
      await replaceFile(
        join(directory, ANSWERS_FILE),
        `${JSON.stringify(work(before === 'damaged' ? noAnswers : before), undefined, 1)}\n`,
      )
    })
  } catch (error) {
    if (error instanceof ShipperError) throw error
    throw new ShipperError('MLS_STATE_UNREADABLE', `${directory} (${(error as NodeJS.ErrnoException).code})`)
  }
}

const cut = (text: string): string => text.slice(0, MAX_CHARACTERS)
