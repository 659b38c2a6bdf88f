/**
 * An id as numbers: an event's row holds its generation (a name), its offset and its content, and the id is put together again from
 * these (events/id.ts says what they are). So ids need no room of their own, and an index over places finds them.
 */
export interface Place {
  readonly generation: string
  readonly offset: number
  readonly content: number
}

const form = /^([\w-]{16})-([0-9a-z]{1,10})-([0-9a-z]{1,7})$/

/** @returns undefined: it is not of the form of a line's id */
export function placeOf(id: string): Place | undefined {
  const parts = form.exec(id)
  if (parts === null) return undefined
  const [, generation, offset, content] = parts as unknown as [string, string, string, string]
  const place = { generation, offset: Number.parseInt(offset, 36), content: Number.parseInt(content, 36) }
  return place.offset.toString(36) === offset && place.content.toString(36) === content ? place : undefined
}

export function idAt(generation: string, offset: number, content: number): string {
  return `${generation}-${offset.toString(36)}-${content.toString(36)}`
}
