/**
 * Which of a log's templates a text can be of, by its first and its last character: the others are not tried. Most logs have
 * dozens, and most of these begin or end with literal text.
 */
import type { Pattern } from './_contract.js'

const ASCII = 128

/** Characters in classes: one for each that literal text begins (or ends) with, class 0 for all others. */
class Classes {
  readonly #classes = new Uint8Array(ASCII)
  size = 1

  constructor(codes: readonly number[]) {
    for (const code of codes) if (code < ASCII && this.#classes[code] === 0) this.#classes[code] = this.size++
  }

  /** @param code NaN is of class 0, too */
  of(code: number): number {
    return code < ASCII ? this.#classes[code]! : 0
  }
}

const firstOf = (text: string): number => text.charCodeAt(0)
const lastOf = (text: string): number => text.charCodeAt(text.length - 1)

/** @returns those of `patterns` that a text can be of, in their order */
export function chooseBy(patterns: readonly Pattern[]): (text: string) => readonly Pattern[] {
  const firsts = new Classes(patterns.map(({ head }) => firstOf(head)))
  const lasts = new Classes(patterns.map(({ tail }) => lastOf(tail)))
  const choices = new Map<number, readonly Pattern[]>()
  const choose = (first: number, last: number): readonly Pattern[] =>
    patterns.filter(
      ({ head, tail }) => (head === '' || firsts.of(firstOf(head)) === first) && (tail === '' || lasts.of(lastOf(tail)) === last),
    )
  return text => {
    const first = firsts.of(firstOf(text))
    const last = lasts.of(lastOf(text))
    const key = first * ASCII + last
    let choice = choices.get(key)
    if (choice === undefined) {
      choice = choose(first, last)
      choices.set(key, choice)
    }
    return choice
  }
}
