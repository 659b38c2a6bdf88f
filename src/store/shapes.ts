/**
 * Finds the shape of a document without parsing it. Shapes that are known make a tree: at each place in a document the JSON that may
 * follow up to the next hole. What is found this way is the document again when it is put together, so it needs no other check than
 * that what fills the holes is JSON.
 */
import type { Connection, Statement } from './connection.js'
import { type Document, decode, escaped, Shape, skeletonOf } from './shape.js'

export interface Shaped {
  readonly shape: Shape
  readonly fillings: readonly string[]
}

interface Place {
  /** What follows; the last one that did is first. */
  readonly branches: Branch[]
}
interface Branch {
  readonly literal: string
  readonly isText: boolean
  /** Behind the hole that follows the literal. */
  readonly place: Place
  /** The document ends with the literal. */
  shape: Shape | undefined
}

// Ours are some hundred. Documents of more kinds are kept as they are.
const MAX_SHAPES = 4096

export class Shapes {
  readonly #root: Place = { branches: [] }
  readonly #known = new Map<string, Shape>()
  readonly #find: Statement
  readonly #add: Statement

  constructor(db: Connection) {
    this.#find = db.prepare('SELECT shape FROM shapes WHERE skeleton = ?').raw()
    this.#add = db.prepare('INSERT INTO shapes(skeleton) SELECT ? WHERE (SELECT count(*) FROM shapes) < ? RETURNING shape').raw()
  }

  /** @returns undefined: it is of no shape that is known */
  find(text: string): Shaped | undefined {
    const fillings: string[] = []
    const shape = match(this.#root, text, 0, fillings)
    return shape && { shape, fillings }
  }

  /**
   * A shape for a document that has none yet; a new one is added in the transaction that is open.
   * @returns undefined: it is not written as we write, or there are too many
   */
  learn(text: string, document: Document): Shaped | undefined {
    const { skeleton, fillings } = skeletonOf(document)
    let shape = this.#known.get(skeleton)
    if (shape === undefined) {
      const rows = this.#find.all([skeleton]) as [number][]
      const number = (rows[0] ?? (this.#add.all([skeleton, MAX_SHAPES]) as [number][])[0])?.[0]
      if (number === undefined) return undefined
      shape = new Shape(number, skeleton)
    }
    if (shape.fill(fillings) !== text) return undefined
    if (!this.#known.has(skeleton)) {
      this.#known.set(skeleton, shape)
      plant(this.#root, shape)
    }
    return { shape, fillings }
  }

  /** After a rollback: shapes that it took back must not be used. */
  forget(): void {
    this.#known.clear()
    this.#root.branches.length = 0
  }
}

function plant(root: Place, shape: Shape): void {
  let place = root
  let branch: Branch | undefined
  for (const [i, literal] of shape.literals.entries()) {
    const isLast = i === shape.isText.length
    const isText = shape.isText[i] ?? false
    branch = place.branches.find(
      known => known.literal === literal && known.isText === isText && (known.shape !== undefined) === isLast,
    )
    if (branch === undefined) {
      branch = { literal, isText, place: { branches: [] }, shape: undefined }
      place.branches.push(branch)
    }
    place = branch.place
  }
  branch!.shape = shape
}

function match({ branches }: Place, text: string, at: number, fillings: string[]): Shape | undefined {
  for (let i = 0; i < branches.length; i++) {
    const branch = branches[i]!
    const start = at + branch.literal.length
    if (text.slice(at, start) !== branch.literal) continue // eight times as fast as startsWith (measured)
    let shape = branch.shape
    if (shape !== undefined) {
      if (start !== text.length) continue
    } else {
      const end = branch.isText ? endOfText(text, start) : endOfNumber(text, start)
      if (end === undefined) continue
      const count = fillings.push(text.slice(start, end))
      shape = match(branch.place, text, end, fillings)
      if (shape === undefined) {
        fillings.length = count - 1
        continue
      }
    }
    if (i > 0) {
      branches.splice(i, 1)
      branches.unshift(branch)
    }
    return shape
  }
  return undefined
}

const QUOTE = '"'
const BACKSLASH = 92

/** @returns where the quote stands that ends it; undefined: it is not a text of JSON */
function endOfText(text: string, start: number): number | undefined {
  let end = text.indexOf(QUOTE, start)
  while (end > start && text.charCodeAt(end - 1) === BACKSLASH) {
    let first = end - 1
    while (first > start && text.charCodeAt(first - 1) === BACKSLASH) first--
    if ((end - first) % 2 === 0) break
    end = text.indexOf(QUOTE, end + 1)
  }
  if (end < 0) return undefined
  const filling = text.slice(start, end)
  if (!escaped.test(filling)) return end
  try {
    decode(filling)
    return end
  } catch {
    return undefined
  }
}

/** Of a whole number that is not negative; undefined: it is another value, which JSON.parse may judge. */
function endOfNumber(text: string, start: number): number | undefined {
  let end = start
  for (let code = text.charCodeAt(end); code >= 48 && code <= 57; code = text.charCodeAt(end)) end++
  const hasZero = text.charCodeAt(start) === 48 && end - start > 1
  return end === start || end - start > 15 || hasZero ? undefined : end
}
