/**
 * The part of Kibana's query language that our saved objects use, run on documents: `field: "value"`, `field: ("a" or "b")`,
 * `field: *`, and these joined by `or`. All else is refused, so that nothing is taken for what it is not.
 */
export type Document = Readonly<Record<string, unknown>>

/** Values of a field, by its dotted name. */
export function valuesOf(document: Document, field: string): readonly unknown[] {
  let node: unknown = document
  for (const name of field.split('.')) {
    if (typeof node !== 'object' || node === null) return []
    node = (node as Document)[name]
  }
  return node === undefined ? [] : Array.isArray(node) ? node : [node]
}

/** @throws Error for a query in more of the language than this */
export function matcherOf(query: string): (document: Document) => boolean {
  if (query === '') return () => true
  const clause = /\s*([\w@.]+)\s*:\s*(?:(\*)|"([^"]*)"|\(((?:"[^"]*"(?: or )?)+)\))(?: or |$)/y
  const clauses: { field: string; values: readonly string[] | undefined }[] = []
  for (let at = 0; at < query.length; at = clause.lastIndex) {
    clause.lastIndex = at
    const [, field, anything, one, many] = clause.exec(query) ?? []
    if (field === undefined) throw new Error(`no query that is known here: ${query}`)
    const values = many === undefined ? [one!] : [...many.matchAll(/"([^"]*)"/g)].map(([, value]) => value!)
    clauses.push({ field, values: anything === undefined ? values : undefined })
  }
  return document =>
    clauses.some(({ field, values }) =>
      valuesOf(document, field).some(value => values === undefined || values.includes(String(value))),
    )
}
