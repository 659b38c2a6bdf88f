/**
 * The part of ES|QL that the alert rules are written in, as a tree. All else is refused, so that nothing is taken for what it is not.
 * (Elasticsearch's own parser comes with its full distribution only.)
 */
export type Node =
  | { readonly kind: 'value'; readonly value: number | string }
  /** Milliseconds. */
  | { readonly kind: 'span'; readonly ms: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'infix'; readonly op: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'in'; readonly of: Node; readonly values: readonly Node[] }
  | { readonly kind: 'null'; readonly of: Node; readonly isNot: boolean }

export type Command =
  | { readonly kind: 'from'; readonly index: string }
  | { readonly kind: 'where'; readonly condition: Node }
  | { readonly kind: 'eval'; readonly made: readonly Made[] }
  | { readonly kind: 'stats'; readonly made: readonly Made[]; readonly by: readonly string[] }
  | { readonly kind: 'sort'; readonly name: string }
  | { readonly kind: 'limit'; readonly rows: number }
export interface Made {
  readonly name: string
  readonly of: Node
}

/** Elasticsearch takes none of these for a column's name, in whatever version, so no rule may. */
const reserved = /^(?:and|as|asc|by|desc|false|first|in|info|is|last|like|not|null|nulls|on|or|rlike|true|where|with)$/i
const functions = new Set('CASE COALESCE MV_CONCAT NOW STARTS_WITH SUM MIN MAX'.split(' '))
const spans = new Map([
  ['minutes', 60_000],
  ['hours', 3_600_000],
])
const token = /\s*(?:"([^"\\]*)"|(\d+)|(@?[A-Za-z_][\w.]*)|(==|!=|<=|>=|[-+*<>(),=]))/y
/** Weakest first. */
const levels = [['OR'], ['AND'], ['==', '!=', '<', '<=', '>', '>=', 'LIKE'], ['+', '-'], ['*']]

interface Token {
  readonly type: 'string' | 'number' | 'name' | 'sign'
  readonly text: string
}

/** @throws Error for what is not of that part */
export const parseEsql = (text: string): Command[] => text.split(' | ').map(part => new Parser(part).command())

class Parser {
  readonly #tokens: Token[] = []
  #at = 0
  readonly #text: string

  constructor(text: string) {
    const [keyword = ''] = /^[A-Z]+/.exec(text) ?? []
    this.#text = text
    token.lastIndex = keyword === 'FROM' ? text.length : 0
    while (token.lastIndex < text.length) {
      const [, string, number, name, sign] = token.exec(text) ?? this.#fail()
      if (string !== undefined) this.#tokens.push({ type: 'string', text: string })
      else if (number !== undefined) this.#tokens.push({ type: 'number', text: number })
      else if (name !== undefined) this.#tokens.push({ type: 'name', text: name })
      else this.#tokens.push({ type: 'sign', text: sign! })
    }
  }

  command(): Command {
    const from = /^FROM ([\w.*-]+)$/.exec(this.#text)
    if (from !== null) return { kind: 'from', index: from[1]! }
    const { text: keyword } = this.#next()
    const command = this.#commandOf(keyword)
    if (this.#at < this.#tokens.length) this.#fail()
    return command
  }

  #commandOf(keyword: string): Command {
    if (keyword === 'WHERE') return { kind: 'where', condition: this.#expression() }
    if (keyword === 'EVAL') return { kind: 'eval', made: this.#list(() => this.#made()) }
    if (keyword === 'LIMIT') return { kind: 'limit', rows: Number(this.#next().text) }
    if (keyword === 'SORT') {
      const name = this.#name()
      return this.#takes('DESC') ? { kind: 'sort', name } : this.#fail()
    }
    if (keyword !== 'STATS') this.#fail()
    const made = this.#list(() => this.#made())
    return { kind: 'stats', made, by: this.#takes('BY') ? this.#list(() => this.#name()) : [] }
  }

  #made(): Made {
    const name = this.#name()
    if (!this.#takes('=')) this.#fail()
    return { name, of: this.#expression() }
  }

  #name(): string {
    const { type, text } = this.#next()
    return type === 'name' && !reserved.test(text) ? text : this.#fail()
  }

  #expression(level = 0): Node {
    const ops = levels[level]
    if (ops === undefined) return this.#primary()
    if (ops[0] === '==' && this.#takes('NOT')) return { kind: 'not', of: this.#expression(level) }
    let left = this.#expression(level + 1)
    for (;;) {
      const op = ops.find(one => this.#takes(one))
      if (op !== undefined) left = { kind: 'infix', op, left, right: this.#expression(level + 1) }
      else if (ops[0] === '==' && this.#takes('IN'))
        left = { kind: 'in', of: left, values: this.#bracketed(() => this.#primary()) }
      else if (ops[0] === '==' && this.#takes('IS')) {
        const isNot = this.#takes('NOT')
        left = this.#takes('NULL') ? { kind: 'null', of: left, isNot } : this.#fail()
      } else return left
    }
  }

  #primary(): Node {
    if (this.#takes('(')) {
      const inner = this.#expression()
      return this.#takes(')') ? inner : this.#fail()
    }
    const sign = this.#takes('-') ? -1 : 1
    const { type, text } = this.#next()
    if (type === 'string') return { kind: 'value', value: text }
    if (type === 'number') {
      const span = spans.get(this.#tokens[this.#at]?.text ?? '')
      if (span === undefined) return { kind: 'value', value: sign * Number(text) }
      this.#at++
      return { kind: 'span', ms: Number(text) * span }
    }
    if (type === 'sign' || reserved.test(text)) this.#fail()
    if (this.#tokens[this.#at]?.text !== '(') return { kind: 'name', name: text }
    if (!functions.has(text)) this.#fail()
    return { kind: 'call', name: text, args: this.#bracketed(() => this.#expression()) }
  }

  #bracketed<T>(read: () => T): T[] {
    if (!this.#takes('(')) this.#fail()
    if (this.#takes(')')) return []
    const list = this.#list(read)
    return this.#takes(')') ? list : this.#fail()
  }

  #list<T>(read: () => T): T[] {
    const list = [read()]
    while (this.#takes(',')) list.push(read())
    return list
  }

  #takes(text: string): boolean {
    const found = this.#tokens[this.#at]
    if (found?.text !== text || found.type === 'string') return false
    this.#at++
    return true
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? this.#fail()
  }

  #fail(): never {
    throw new Error(`no ES|QL that is known here: ${this.#text}`)
  }
}

/** Names of columns that a query reads and does not make itself: fields. */
export function fieldsOf(commands: readonly Command[]): string[] {
  const fields = new Set<string>()
  let own: Set<string> | undefined
  const made = new Set<string>()
  const see = (node: Node): void => {
    if (node.kind === 'name') {
      if (own !== undefined && !own.has(node.name)) throw new Error(`column ${node.name} is gone after STATS`)
      if (!made.has(node.name)) fields.add(node.name)
    }
    for (const child of childrenOf(node)) see(child)
  }
  for (const command of commands) {
    if (command.kind === 'where') see(command.condition)
    if (command.kind === 'sort') see({ kind: 'name', name: command.name })
    if (command.kind !== 'eval' && command.kind !== 'stats') continue
    for (const { name, of } of command.made) {
      see(of)
      if (command.kind === 'stats') continue
      made.add(name)
      own?.add(name)
    }
    if (command.kind === 'eval') continue
    for (const name of command.by) see({ kind: 'name', name })
    own = new Set([...command.made.map(({ name }) => name), ...command.by])
    for (const name of own) made.add(name)
  }
  return [...fields]
}

export function childrenOf(node: Node): readonly Node[] {
  if (node.kind === 'call') return node.args
  if (node.kind === 'infix') return [node.left, node.right]
  if (node.kind === 'in') return [node.of, ...node.values]
  return node.kind === 'not' || node.kind === 'null' ? [node.of] : []
}
