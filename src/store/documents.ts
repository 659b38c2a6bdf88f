/** Documents of the embedded store, from the rows of `events`: those of before are there as they are, others by their shape. */
import type { FieldName } from '../../parsers/_fields.js'
import type { Connection, Statement } from './connection.js'
import { valueAt } from './entry.js'
import { unpack } from './packed.js'
import { idAt } from './place.js'
import { type Document, Shape } from './shape.js'

export const documentColumns = 'timestamp, offset, document, shape, generation, content'

/** The columns above. */
export type DocumentRow = readonly [
  timestampMs: number,
  offset: number,
  document: string,
  shape: number | null,
  generation: number | null,
  content: number | null,
]

export class Documents {
  readonly #shapes = new Map<number, Shape>()
  readonly #names = new Map<number, string>()
  readonly #findShape: Statement
  readonly #findName: Statement

  constructor(db: Connection) {
    this.#findShape = db.prepare('SELECT skeleton FROM shapes WHERE shape = ?').raw()
    this.#findName = db.prepare('SELECT value FROM names WHERE name = ?').raw()
  }

  /** Its JSON, as it was stored. */
  text(row: DocumentRow): string {
    const shape = this.#shapeOf(row)
    return shape === undefined ? row[2] : shape.fill(this.#fillings(shape, row))
  }

  /** One field of it; undefined: it has none. */
  field(row: DocumentRow, name: FieldName): unknown {
    const shape = this.#shapeOf(row)
    if (shape === undefined) return valueAt(JSON.parse(row[2]) as Document, name.split('.'))
    return shape.read(shape.holeOf(name) === undefined ? [] : this.#fillings(shape, row), name)
  }

  #fillings(shape: Shape, [timestampMs, offset, packed, , generation, content]: DocumentRow): string[] {
    const id = generation === null ? undefined : idAt(this.#nameOf(generation), offset, content!)
    return unpack(shape, packed, { timestampMs, offset, id }, number => this.#nameOf(number))
  }

  #shapeOf([, , , number]: DocumentRow): Shape | undefined {
    if (number === null) return undefined
    const known = this.#shapes.get(number)
    if (known !== undefined) return known
    const [[skeleton]] = this.#findShape.all([number]) as [[string]]
    const shape = new Shape(number, skeleton)
    this.#shapes.set(number, shape)
    return shape
  }

  #nameOf(number: number): string {
    const known = this.#names.get(number)
    if (known !== undefined) return known
    const [[name]] = this.#findName.all([number]) as [[string]]
    this.#names.set(number, name)
    return name
  }
}
