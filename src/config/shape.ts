/**
 * What a value of the configuration must be, with the sentence that is said where it is not, and the type that it has then. All that
 * is wrong is found, not only the first; nothing is changed, filled in or taken for something else.
 */

export interface Issue {
  readonly path: readonly PropertyKey[]
  /** Undefined: nobody knows the name that the path ends with. */
  readonly sentence: string | undefined
}

export interface Shape<T> {
  readonly findIssues: (value: unknown, path: readonly PropertyKey[]) => readonly Issue[]
  /** Not there: it carries the type. */
  readonly type?: T
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never

function that<T>(must: string, fits: (value: unknown) => value is T): Shape<T> {
  return { findIssues: (value, path) => (fits(value) ? [] : [{ path, sentence: must }]) }
}

export function text(must: string, fits: (value: string) => boolean): Shape<string> {
  return that(must, (value): value is string => typeof value === 'string' && fits(value))
}

export const yesOrNo = that('must be true or false', (value): value is boolean => typeof value === 'boolean')

export function oneOf<const T extends string | number>(must: string, names: readonly T[]): Shape<T> {
  return that(must, (value): value is T => names.some(name => name === value))
}

/** @param what is counted: `days`  @param to at most */
export function whole(what: string, from: number, to: number): Shape<number> {
  const fits = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= from && Number(value) <= to
  return that(`must be a whole number of ${what}, ${from} to ${to}`, fits)
}

export function list<T>(item: Shape<T>, must: string, atLeast = 1): Shape<T[]> {
  return {
    findIssues: (value, path) =>
      Array.isArray(value) && value.length >= atLeast
        ? value.flatMap((each, i) => item.findIssues(each, [...path, i]))
        : [{ path, sentence: must }],
  }
}

/** Names that people choose, each with a value of one kind. */
export function named<T>(isName: (name: string) => boolean, item: Shape<T>, must: string): Shape<Record<string, T>> {
  return {
    findIssues: (value, path) =>
      isSection(value)
        ? Object.entries(value).flatMap(([name, each]) =>
            isName(name) ? item.findIssues(each, [...path, name]) : [{ path: [...path, name], sentence: must }],
          )
        : [{ path, sentence: must }],
  }
}

/** A further rule, which is looked at where all others are kept. */
export function where<T>(shape: Shape<T>, must: string, fits: (value: T) => boolean): Shape<T> {
  return {
    findIssues(value, path) {
      const issues = shape.findIssues(value, path)
      return issues.length > 0 || fits(value as T) ? issues : [{ path, sentence: must }]
    },
  }
}

type Options = Readonly<Record<string, Shape<unknown>>>

type SectionOf<O extends Options, R extends keyof O> = { readonly [K in R]: TypeOf<O[K]> } & {
  readonly [K in Exclude<keyof O, R>]?: TypeOf<O[K]>
}

export interface Section<O extends Options, R extends keyof O = never> extends Shape<SectionOf<O, R>> {
  readonly options: O
}

/** Options by their names; no other may be there. @param required those that cannot be left out */
export function section<O extends Options, R extends keyof O & string = never>(
  options: O,
  required: readonly R[] = [],
  must = 'must be a section: lines "name: value" below it',
): Section<O, R> {
  return {
    options,
    findIssues(value, path) {
      if (!isSection(value)) return [{ path, sentence: must }]
      const missing = required.filter(name => !Object.hasOwn(value, name)).map(name => [name, undefined] as const)
      return [...Object.entries(value), ...missing].flatMap(([name, each]) =>
        Object.hasOwn(options, name)
          ? options[name]!.findIssues(each, [...path, name])
          : [{ path: [...path, name], sentence: undefined }],
      )
    },
  }
}

export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
