/** Whether a document has only fields of the table, each with values of its type. */
import { EcsFlat } from '@elastic/ecs'
import { type Field, fields } from '../../parsers/_fields.js'

export interface EcsField {
  readonly type: string
  readonly normalize: readonly string[]
  readonly allowed_values?: readonly { readonly name: string; readonly expected_event_types?: readonly string[] }[]
}
export const ecs = new Map<string, EcsField>(Object.entries(EcsFlat as unknown as Record<string, EcsField>))

const outcomes = ecs.get('event.outcome')!.allowed_values!.map(value => value.name)

/** Every value of a document with its dotted name. */
function* leaves(value: unknown, name = ''): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) yield [name, value]
  else for (const [key, inner] of Object.entries(value)) yield* leaves(inner, name === '' ? key : `${name}.${key}`)
}

const isOfType = (value: unknown, type: Field['type']): boolean => {
  switch (type) {
    case 'long':
      return Number.isSafeInteger(value)
    case 'float':
      return typeof value === 'number' && Number.isFinite(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'date':
      return typeof value === 'string' && new Date(value).toISOString() === value
    default:
      return typeof value === 'string' && value !== ''
  }
}

/** @returns a text for each that is not as it should be */
export function wrongFields(document: unknown): string[] {
  const wrong: string[] = []
  for (const [path, value] of leaves(document)) {
    const field = Object.hasOwn(fields, path) ? (fields as Readonly<Record<string, Field>>)[path] : undefined
    if (field === undefined) wrong.push(`${path}: unknown`)
    else if (Array.isArray(value) !== (field.array === true)) wrong.push(`${path}: array or not`)
    else if (![value].flat().every(one => isOfType(one, field.type))) wrong.push(`${path}: ${JSON.stringify(value)}`)
    else if (path === 'event.outcome' && !outcomes.includes(value as string)) wrong.push(`${path}: ${value}`)
  }
  return wrong
}
