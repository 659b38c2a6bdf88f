/**
 * `archive-changed`: an mbox that was rewritten or became smaller; from then on a rebuilt archive numbers its messages anew, and all
 * links to them lead elsewhere. `archive-stopped`: posts go out, and the mbox that used to grow with them does not.
 *
 * One tenth of the lists is looked at each time, at least 500: with 5,000 lists each of them every ten minutes.
 * Not seen: a change in the middle that keeps the length, with mail added behind it before the next look.
 */
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { GuardsConfig } from '../config/options.js'
import { Access, codeOf, type Guard, type GuardFacts, type Trouble } from './guard.js'
import { lookAtMbox, type MboxChange, type MboxPrint } from './mbox.js'
import { many, sayAge } from './say.js'

const HOUR_MS = 3_600_000
const PARTS = 10
const AT_LEAST = 500
const MAX_LISTS = 50_000
/** It is a moment, not a state: told of for a day, then the file is what it is. The same of an archive that stopped on purpose. */
const TOLD_MS = 24 * HOUR_MS
const STOPPED_POSTS = 3
const STOPPED_MS = HOUR_MS
/** Delivery and archiving of a post are two runners' work. */
const ARCHIVED_MS = 60_000
/** What Mailman takes for a list's name (Defaults.py, ACCEPTABLE_LISTNAME_CHARACTERS), and a host where one was added. */
const LIST = /^([-+_.=@a-z\d]{1,200})\.mbox$/i

interface Mbox {
  print: MboxPrint | undefined
  changed: { readonly trouble: Trouble; readonly untilMs: number } | undefined
  stopped: { readonly trouble: Trouble; readonly untilMs: number } | undefined
  /** Posts that were logged since it grew last. */
  posts: number
  firstPostMs: number
  /** It has grown after posts, which so many posts at most preceded lately; 0: it has not. */
  usualPosts: number
}

export class ArchiveGuard implements Guard {
  readonly name = 'archives'
  readonly #access: Access
  /** By path. */
  readonly #mboxes: Map<string, Mbox>
  /** Paths that are still to be looked at in this round. */
  #round: string[] = []
  #part = 0

  constructor(
    private readonly options: NonNullable<GuardsConfig['archives']>,
    facts: GuardFacts,
    saved?: unknown,
  ) {
    this.#access = new Access('archives', facts)
    this.#mboxes = new Map(saved as ReadonlyMap<string, Mbox> | undefined)
  }

  get state(): ReadonlyMap<string, Mbox> {
    return this.#mboxes
  }

  /** A post of a person went out, as the logs tell; not a digest, which is in no archive. @param list as events name it */
  posted(list: string, atMs: number): void {
    if (!LIST.test(`${list}.mbox`)) return
    for (const directory of this.options.directories) {
      const mbox = this.#mboxes.get(pathOf(directory, list))
      // It is in the archive: written there a moment before it was logged, or read late.
      if (mbox === undefined || atMs <= (mbox.print?.mtimeMs ?? 0) + ARCHIVED_MS) continue
      if (mbox.posts++ === 0) mbox.firstPostMs = atMs
    }
  }

  async look(nowMs: number, isClosed: () => boolean): Promise<Trouble[]> {
    if (this.#round.length === 0) await this.#beginRound()
    for (const path of this.#round.splice(0, this.#part)) {
      if (isClosed()) break
      await this.#lookAt(path, nowMs)
    }
    const told = [...this.#mboxes.values()].flatMap(({ changed, stopped }) => [changed ?? [], stopped ?? []].flat())
    return told.filter(({ untilMs }) => nowMs < untilMs).map(({ trouble }) => trouble)
  }

  async #beginRound(): Promise<void> {
    for (const directory of this.options.directories) {
      try {
        const entries = await readdir(directory, { withFileTypes: true })
        const lists = entries.flatMap(entry => (entry.isDirectory() ? (LIST.exec(entry.name)?.[1] ?? []) : []))
        const paths = lists.slice(0, MAX_LISTS).map(list => pathOf(directory, list))
        this.#round.push(...paths)
        // A list that was removed takes its archive with it.
        const there = new Set(paths)
        for (const path of this.#mboxes.keys())
          if (path.startsWith(`${directory}/`) && !there.has(path)) this.#mboxes.delete(path)
        this.#access.succeeded(directory)
        if (lists.length > MAX_LISTS) this.#access.failed(directory, 'TOO_MANY')
      } catch (error) {
        this.#access.failed(directory, codeOf(error))
      }
    }
    this.#part = Math.max(AT_LEAST, Math.ceil(this.#round.length / PARTS))
  }

  async #lookAt(path: string, nowMs: number): Promise<void> {
    const known = this.#mboxes.get(path)
    const mbox = known ?? newMbox()
    const list = basename(path, '.mbox').toLowerCase()
    const about = this.options.directories.length > 1 ? dirname(dirname(path)) : undefined
    try {
      const { print, change } = await lookAtMbox(path, mbox.print)
      if (change === 'shrunk' || change === 'rewritten')
        mbox.changed = changeOf(
          list,
          about,
          sayChange(change, list, mbox.print!.size, print.size),
          timeOf(mbox.print!, print),
          nowMs,
        )
      // An empty one is made when the first post comes: it has grown then.
      if (change === 'grown' || (known !== undefined && mbox.print === undefined)) grow(mbox)
      mbox.print = print
      this.#access.succeeded(path)
    } catch (error) {
      const code = codeOf(error)
      if (code !== 'ENOENT') return this.#access.failed(path, code)
      // Of a new list there is none yet.
      if (mbox.print !== undefined) mbox.changed = changeOf(list, about, `The mbox of ${list} is gone`, nowMs, nowMs)
      mbox.print = undefined
    }
    this.#mboxes.set(path, mbox)
    if (mbox.changed !== undefined && nowMs >= mbox.changed.untilMs) mbox.changed = undefined
    stop(mbox, list, about, nowMs)
  }
}

const pathOf = (directory: string, list: string): string => join(directory, `${list}.mbox`, `${list}.mbox`)

function newMbox(): Mbox {
  return { print: undefined, changed: undefined, stopped: undefined, posts: 0, firstPostMs: 0, usualPosts: 0 }
}

function grow(mbox: Mbox): void {
  // After a stop all of it comes at once: that is not usual.
  if (mbox.posts > 0 && mbox.stopped === undefined) mbox.usualPosts = Math.max(mbox.posts, Math.floor(0.9 * mbox.usualPosts))
  mbox.posts = 0
  mbox.stopped = undefined
}

function stop(mbox: Mbox, list: string, about: string | undefined, nowMs: number): void {
  const { posts, firstPostMs, usualPosts, stopped } = mbox
  const isStopped = usualPosts > 0 && posts >= Math.max(STOPPED_POSTS, 2 * usualPosts) && nowMs - firstPostMs >= STOPPED_MS
  if (stopped !== undefined && nowMs >= stopped.untilMs) {
    Object.assign(mbox, { stopped: undefined, posts: 0, usualPosts: 0 })
  } else if (isStopped) {
    const words = `${many(posts, 'post', 'posts')} on ${list} within ${sayAge(nowMs - firstPostMs)}, and its mbox has not grown`
    const trouble = troubleOf('archive-stopped', list, about, firstPostMs, posts, words)
    mbox.stopped = { trouble, untilMs: stopped?.untilMs ?? nowMs + TOLD_MS }
  }
}

function changeOf(list: string, about: string | undefined, words: string, sinceMs: number, nowMs: number): Mbox['changed'] {
  return { trouble: troubleOf('archive-changed', list, about, sinceMs, 1, words), untilMs: nowMs + TOLD_MS }
}

/** When it was written; a copy that was put in its place may have an older time. */
function timeOf(known: MboxPrint, now: MboxPrint): number {
  return now.mtimeMs > known.mtimeMs ? now.mtimeMs : now.ctimeMs
}

function sayChange(change: MboxChange, list: string, before: number, after: number): string {
  const bytes = (count: number): string => count.toLocaleString('en')
  return change === 'shrunk'
    ? `The mbox of ${list} shrank from ${bytes(before)} to ${bytes(after)} bytes: a rebuilt archive will number its messages anew`
    : `The mbox of ${list} was rewritten before its end: a rebuilt archive may number its messages anew`
}

function troubleOf(
  kind: 'archive-changed' | 'archive-stopped',
  list: string,
  about: string | undefined,
  sinceMs: number,
  count: number,
  words: string,
): Trouble {
  return { kind, severity: 'warning', list, about, sinceMs: Math.floor(sinceMs), count, lists: 1, words }
}
