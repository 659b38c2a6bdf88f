/**
 * The alert rules' ES|QL on a server that has no ES|QL: what comes before the first STATS, and that itself, becomes a search with
 * aggregations, which Elasticsearch runs; what follows is done with its rows here.
 */
import type { Client, estypes } from '@elastic/elasticsearch'
import { type Command, childrenOf, type Made, type Node, parseEsql } from './kibana-esql-parse.js'

type Value = number | string | boolean | null
export type Row = ReadonlyMap<string, Value>
type Query = estypes.QueryDslQueryContainer
type Aggregations = Record<string, estypes.AggregationsAggregationContainer>

export interface Esql {
  /** As Kibana asks it: of all events until `now`, but not older than the window. */
  rows(client: Client, options: { readonly index: string; readonly now: number; readonly windowMs: number }): Promise<Row[]>
}

const MAX_GROUPS = 65_536

/** @throws Error for what cannot be put so */
export function planEsql(text: string): Esql {
  const commands = parseEsql(text)
  const at = commands.findIndex(({ kind }) => kind === 'stats')
  const stats = commands[at]
  if (stats?.kind !== 'stats') throw new Error('no STATS')
  const made = new Map(
    commands.slice(0, at).flatMap(one => (one.kind === 'eval' ? one.made.map(({ name, of }) => [name, of]) : [])),
  )
  const conditions = commands.slice(0, at).flatMap(one => (one.kind === 'where' ? [one.condition] : []))
  const rest = commands.slice(at + 1)
  return {
    async rows(client, { index, now, windowMs }) {
      const asked = new Question(made, now)
      const range = { range: { '@timestamp': { gt: now - windowMs, lte: now, format: 'epoch_millis' } } }
      const filter = [range, ...conditions.map(one => asked.query(one))]
      const { aggregations } = await client.search({
        index,
        size: 0,
        query: { bool: { filter } },
        aggregations: asked.aggregations(stats.made, stats.by),
      })
      const first = asked.read(aggregations as Buckets, stats.made, stats.by)
      return rest.reduce((rows, command) => take(rows, command, now), first)
    },
  }
}

interface Buckets {
  readonly [name: string]: {
    readonly buckets?: readonly (Buckets & { readonly key: string })[]
    readonly doc_count: number
    readonly value?: number | null
  } & Buckets
}

class Question {
  readonly #made: ReadonlyMap<string, Node>
  readonly #now: number

  constructor(made: ReadonlyMap<string, Node>, now: number) {
    this.#made = made
    this.#now = now
  }

  #resolve(node: Node): Node {
    const made = node.kind === 'name' ? this.#made.get(node.name) : undefined
    return made === undefined ? node : this.#resolve(made)
  }

  query(node: Node): Query {
    if (node.kind === 'not') return { bool: { must_not: [this.query(node.of)] } }
    if (node.kind === 'null') {
      const exists = { exists: { field: this.#field(node.of) } }
      return node.isNot ? exists : { bool: { must_not: [exists] } }
    }
    if (node.kind === 'in') return { terms: { [this.#field(node.of)]: node.values.map(constantOf) } }
    if (node.kind !== 'infix') throw new Error(`no condition: ${node.kind}`)
    const { op, left, right } = node
    if (op === 'AND') return { bool: { filter: [this.query(left), this.query(right)] } }
    if (op === 'OR') return { bool: { should: [this.query(left), this.query(right)], minimum_should_match: 1 } }
    if (op === '==') return { term: { [this.#field(left)]: constantOf(right) } }
    if (op === 'LIKE') return { wildcard: { [this.#field(left)]: { value: String(constantOf(right)) } } }
    const than = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' }[op]
    const time = evaluate(right, new Map(), this.#now)
    if (than === undefined || typeof time !== 'number') throw new Error(`no condition: ${op}`)
    return { range: { [this.#field(left)]: { [than]: time, format: 'epoch_millis' } } }
  }

  /** The field that a column is, or that it is made of: COALESCE(field, ""), of joined values too. */
  #field(node: Node): string {
    const of = this.#resolve(node)
    if (of.kind === 'name') return of.name
    const [first, other] = of.kind === 'call' && of.name === 'COALESCE' ? of.args : []
    if (first === undefined || other?.kind !== 'value' || other.value !== '') throw new Error('no field')
    return this.#field(first.kind === 'call' && first.name === 'MV_CONCAT' ? first.args[0]! : first)
  }

  /** A column as sums of numbers, each where a condition holds: conditions exclude each other. */
  #pieces(node: Node): { readonly where: Query[]; readonly value: Node }[] {
    const of = this.#resolve(node)
    if (of.kind !== 'call' || of.name !== 'CASE') return [{ where: [], value: of }]
    const pieces: { where: Query[]; value: Node }[] = []
    const before: Query[] = []
    for (let i = 0; i < of.args.length; i += 2) {
      const isLast = i + 1 >= of.args.length
      const condition = isLast ? undefined : this.query(of.args[i]!)
      const where = [...before.map(one => ({ bool: { must_not: [one] } })), ...(condition === undefined ? [] : [condition])]
      for (const piece of this.#pieces(of.args[isLast ? i : i + 1]!))
        pieces.push({ where: [...where, ...piece.where], value: piece.value })
      if (condition !== undefined) before.push(condition)
    }
    return pieces.filter(({ value }) => value.kind !== 'value' || value.value !== 0)
  }

  aggregations(made: readonly Made[], by: readonly string[]): Aggregations {
    const [key, ...keys] = by
    if (key !== undefined) {
      const column = this.#made.get(key)
      const terms = {
        field: this.#field({ kind: 'name', name: key }),
        size: MAX_GROUPS,
        ...(column?.kind === 'call' ? { missing: '' } : {}),
      }
      return { group: { terms, aggregations: this.aggregations(made, keys) } }
    }
    const all: Aggregations = {}
    made.forEach(({ of }, i) => {
      const [name, pieces] = this.#measure(of)
      pieces.forEach(({ where, value }, j) => {
        const inner = name === 'SUM' ? {} : { aggregations: { value: { [name.toLowerCase()]: { field: this.#field(value) } } } }
        all[`${i}x${j}`] = { filter: { bool: { filter: where } }, ...inner }
      })
    })
    return all
  }

  #measure(of: Node) {
    if (of.kind !== 'call' || of.args.length !== 1 || !/^(?:SUM|MIN|MAX)$/.test(of.name)) throw new Error('no measure')
    return [of.name, this.#pieces(of.args[0]!)] as const
  }

  read(found: Buckets, made: readonly Made[], by: readonly string[], row: readonly [string, Value][] = []): Row[] {
    const [key, ...keys] = by
    if (key !== undefined)
      return (found.group?.buckets ?? []).flatMap(bucket => this.read(bucket, made, keys, [...row, [key, bucket.key]]))
    const values = made.map(({ name, of }, i): [string, Value] => {
      const [how, pieces] = this.#measure(of)
      const parts = pieces.map(({ value }, j) => {
        const part = found[`${i}x${j}`]!
        return how === 'SUM'
          ? part.doc_count * Number(constantOf(value))
          : ((part.value as { value?: number | null }).value ?? null)
      })
      return [name, how === 'SUM' ? parts.reduce((sum: number, part) => sum + Number(part), 0) : (parts[0] ?? null)]
    })
    return [new Map([...row, ...values])]
  }
}

function constantOf(node: Node): number | string {
  if (node.kind !== 'value') throw new Error(`no value: ${node.kind}`)
  return node.value
}

function take(rows: Row[], command: Command, now: number): Row[] {
  if (command.kind === 'where') return rows.filter(row => evaluate(command.condition, row, now) === true)
  if (command.kind === 'eval')
    return rows.map(row => command.made.reduce((made, { name, of }) => new Map(made).set(name, evaluate(of, made, now)), row))
  if (command.kind === 'limit') return rows.slice(0, command.rows)
  if (command.kind === 'sort') return rows.toSorted((a, b) => Number(b.get(command.name)) - Number(a.get(command.name)))
  if (command.kind !== 'stats') throw new Error(command.kind)
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(command.by.map(name => row.get(name)))
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  if (command.by.length === 0 && rows.length === 0) groups.set('', [])
  return [...groups.values()].map(group => {
    const by = command.by.map((name): [string, Value] => [name, group[0]!.get(name) ?? null])
    const made = command.made.map(({ name, of }): [string, Value] => {
      if (of.kind !== 'call' || of.name !== 'SUM') throw new Error('no measure but SUM here')
      return [name, group.reduce((sum, row) => sum + Number(evaluate(of.args[0]!, row, now)), 0)]
    })
    return new Map([...by, ...made])
  })
}

/** With ES|QL's null: nothing is equal to it, more or less than it. */
function evaluate(node: Node, row: Row, now: number): Value {
  const inner = (): Value[] => childrenOf(node).map(child => evaluate(child, row, now))
  if (node.kind === 'value') return node.value
  if (node.kind === 'span') return node.ms
  if (node.kind === 'null') return (evaluate(node.of, row, now) === null) !== node.isNot
  if (node.kind === 'name') {
    if (!row.has(node.name)) throw new Error(`no column ${node.name}`)
    return row.get(node.name)!
  }
  if (node.kind === 'call' && node.name === 'NOW') return now
  const values = inner()
  if (node.kind === 'not') return values[0] === null ? null : !values[0]
  if (node.kind === 'call' && node.name === 'CASE') {
    for (let i = 0; i + 1 < values.length; i += 2) if (values[i] === true) return values[i + 1]!
    return values.length % 2 === 1 ? values.at(-1)! : null
  }
  const [a, b] = values as [Value, Value]
  if (node.kind === 'call' && node.name === 'STARTS_WITH') return String(a).startsWith(String(b))
  if (node.kind !== 'infix') throw new Error(`not known here: ${node.kind}`)
  if (node.op === 'AND') return a === false || b === false ? false : a === null || b === null ? null : true
  if (node.op === 'OR') return a === true || b === true ? true : a === null || b === null ? null : false
  if (a === null || b === null) return null
  return infix(node.op, a, b)
}

function infix(op: string, a: number | string | boolean, b: number | string | boolean): Value {
  if (op === '==') return a === b
  if (op === '!=') return a !== b
  const [x, y] = [Number(a), Number(b)]
  if (Number.isNaN(x) || Number.isNaN(y)) throw new Error(`${op} of what is no number`)
  if (op === '+') return x + y
  if (op === '-') return x - y
  if (op === '*') return x * y
  return op === '>' ? x > y : op === '>=' ? x >= y : op === '<' ? x < y : x <= y
}
