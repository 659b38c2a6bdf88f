/** What must hold inside one chart: its layers, columns and accessors name each other and nothing else. */

interface Column {
  readonly operationType: string
  readonly sourceField?: string
  readonly isBucketed: boolean
  readonly filter?: { readonly query: string; readonly language: string }
  readonly timeScale?: string
  readonly references?: readonly string[]
  readonly params?: {
    readonly orderBy?: { readonly type: string; readonly columnId: string }
    readonly formula?: string
    readonly sortField?: string
    readonly tinymathAst?: Ast
  }
}
interface Ast {
  readonly name: string
  readonly args: readonly (Ast | string | number)[]
}
interface Layer {
  readonly columnOrder: readonly string[]
  readonly columns: Readonly<Record<string, Column>>
  readonly incompleteColumns: object
}
export interface Lens {
  readonly type: string
  readonly visualizationType: string
  readonly references: readonly { readonly type: string; readonly id: string; readonly name: string }[]
  readonly state: {
    readonly query: { readonly query: string }
    readonly visualization: object
    readonly datasourceStates: { readonly formBased: { readonly layers: Readonly<Record<string, Layer>> } }
  }
}

/** Operation → keys of its column. All of them are in Lens since 8.5. */
const operations = new Map([
  ['count', 'sourceField params filter'],
  ['sum', 'sourceField params filter timeScale'],
  ['unique_count', 'sourceField params filter'],
  ['max', 'sourceField params'],
  ['last_value', 'sourceField params filter'],
  ['date_histogram', 'sourceField params'],
  ['terms', 'sourceField params'],
  ['formula', 'params references'],
  ['math', 'params references'],
])
const columnKeys = 'label customLabel dataType operationType isBucketed scale'

/** Kind of chart → keys of its state, then where columns are named in it. */
const charts = new Map<string, { readonly keys: string; readonly accessors: (state: Shape) => readonly (string | undefined)[] }>([
  ['lnsMetric', { keys: 'layerId layerType metricAccessor', accessors: state => [state.metricAccessor] }],
  ['lnsDatatable', { keys: 'layerId layerType columns', accessors: state => (state.columns ?? []).map(one => one.columnId) }],
  [
    'lnsXY',
    {
      keys: 'legend valueLabels fittingFunction axisTitlesVisibilitySettings preferredSeriesType layers',
      accessors: state =>
        (state.layers ?? [])
          .flatMap(layer => [layer.xAccessor, layer.splitAccessor, ...layer.accessors])
          .filter(one => one !== undefined),
    },
  ],
])
interface Shape {
  readonly layerId?: string
  readonly metricAccessor?: string
  readonly columns?: readonly { readonly columnId: string }[]
  readonly layers?: readonly {
    readonly layerId: string
    readonly seriesType: string
    readonly xAccessor?: string
    readonly splitAccessor?: string
    readonly accessors: readonly string[]
  }[]
}

const unknownKeys = (object: object, allowed: string): string[] =>
  Object.keys(object).filter(key => !allowed.split(' ').includes(key))

/** @param ofQuery complaints about a query in Kibana's language */
export function lensComplaints(
  lens: Lens,
  fields: ReadonlyMap<string, string>,
  ofQuery: (query: string) => readonly string[],
): string[] {
  const { layers } = lens.state.datasourceStates.formBased
  const found = [...ofQuery(lens.state.query.query)]
  const wanted = Object.keys(layers).map(id => `indexpattern-datasource-layer-${id}`)
  const names = lens.references.map(({ name }) => name)
  if (wanted.sort().join() !== names.sort().join()) found.push(`references ${names.join()} instead of ${wanted.join()}`)
  found.push(...unknownKeys(lens, 'title type visualizationType references state').map(key => `attribute ${key} is not known`))
  found.push(
    ...unknownKeys(lens.state, 'visualization query filters datasourceStates internalReferences adHocDataViews').map(
      key => `state.${key} is not known`,
    ),
  )

  const chart = charts.get(lens.visualizationType)
  const shape: Shape = lens.state.visualization
  if (chart === undefined) return [...found, `chart ${lens.visualizationType} is not known`]
  found.push(...unknownKeys(shape, chart.keys).map(key => `visualization.${key} is not known`))
  const drawn = [shape.layerId, ...(shape.layers ?? []).map(one => one.layerId)].filter(id => id !== undefined)
  if (drawn.sort().join() !== Object.keys(layers).sort().join()) found.push(`draws layers ${drawn.join()}`)

  for (const { seriesType } of shape.layers ?? [])
    if (!['bar_stacked', 'bar_horizontal_stacked', 'line'].includes(seriesType)) found.push(`series ${seriesType} is not known`)

  const shown = chart.accessors(shape).map(id => `${id}`)
  for (const layer of Object.values(layers)) found.push(...layerComplaints(layer, shown, fields, ofQuery))
  return found
}

function layerComplaints(
  { columnOrder, columns, incompleteColumns }: Layer,
  shown: readonly string[],
  fields: ReadonlyMap<string, string>,
  ofQuery: (query: string) => readonly string[],
): string[] {
  const found: string[] = []
  const ids = Object.keys(columns)
  if ([...columnOrder].sort().join() !== [...ids].sort().join())
    found.push(`column order ${columnOrder.join()} is not of ${ids.join()}`)
  if (Object.keys(incompleteColumns).length > 0) found.push('columns that are not whole')
  const parts = new Set(Object.values(columns).flatMap(({ references = [] }) => references))
  for (const id of [...shown, ...parts]) if (!ids.includes(id)) found.push(`column ${id} is used and missing`)
  for (const id of ids) if (!shown.includes(id) && !parts.has(id)) found.push(`column ${id} is not shown`)
  const firstMeasure = columnOrder.findIndex(id => columns[id]?.isBucketed === false)
  if (columnOrder.some((id, i) => columns[id]?.isBucketed === true && i > firstMeasure)) found.push('a bucket behind a measure')

  for (const [id, column] of Object.entries(columns)) {
    const say = (complaint: string): void => void found.push(`column ${id}: ${complaint}`)
    const keys = operations.get(column.operationType)
    if (keys === undefined) say(`operation ${column.operationType} is not known`)
    else unknownKeys(column, `${columnKeys} ${keys}`).map(key => say(`${key} is not known`))
    fieldComplaints(column, fields).map(say)
    if (column.filter !== undefined) ofQuery(column.filter.query).map(say)
    if (column.timeScale !== undefined && !Object.values(columns).some(one => one.operationType === 'date_histogram'))
      say('is of each minute, without a time')
    const order = column.params?.orderBy
    if (order !== undefined && !['count', 'sum', 'unique_count', 'max'].includes(columns[order.columnId]?.operationType ?? ''))
      say(`is ordered by ${order.columnId}, by which nothing can be ordered`)
    formulaComplaints(column, columns).map(say)
  }
  return found
}

function fieldComplaints({ operationType, sourceField, params }: Column, fields: ReadonlyMap<string, string>): string[] {
  if (operationType === 'formula' || operationType === 'math') return sourceField === undefined ? [] : ['has a field']
  if (operationType === 'count') return sourceField === '___records___' ? [] : [`counts ${sourceField}`]
  const type = fields.get(sourceField ?? '')
  if (type === undefined) return [`field ${sourceField} is not mapped`]
  if (operationType === 'date_histogram') return type === 'date' ? [] : [`${sourceField} is no time`]
  if (operationType === 'sum') return ['long', 'float'].includes(type) ? [] : [`${sourceField} is no number`]
  if (operationType === 'max') return ['long', 'float', 'date'].includes(type) ? [] : [`${sourceField} is no number and no time`]
  if (operationType === 'last_value' && fields.get(params?.sortField ?? '') !== 'date') return [`newest by ${params?.sortField}`]
  return type === 'text' ? [`${sourceField} holds words, whose values cannot be counted`] : []
}

/** A formula's parts are what its text says: as many, with the same fields and queries, in its order. */
function formulaComplaints(
  { operationType, params, references = [] }: Column,
  columns: Readonly<Record<string, Column>>,
): string[] {
  if (operationType === 'formula') {
    const math = columns[references[0] ?? '']
    if (references.length !== 1 || math?.operationType !== 'math') return ['leads to no sum of its parts']
    const parts = (math.references ?? []).map(id => columns[id]).filter(part => part !== undefined)
    const calls = parts.map(({ operationType, sourceField, filter }) => {
      const field = operationType === 'count' ? [] : [sourceField]
      const query = filter === undefined ? [] : [`kql='${filter.query}'`]
      return `${operationType}(${[...field, ...query].join(', ')})`
    })
    const said = [...(params?.formula ?? '').matchAll(/\b[a-z_]+\((?:[^()']|'[^']*')*\)/g)].map(([call]) => call)
    return said.join('; ') === calls.join('; ') ? [] : [`says ${said.join('; ')}, its parts are ${calls.join('; ')}`]
  }
  if (operationType !== 'math') return []
  const used = params?.tinymathAst === undefined ? [] : leaves(params.tinymathAst)
  return used.join() === references.join() ? [] : [`computes ${used.join()} of ${references.join()}`]
}

const leaves = ({ args }: Ast): string[] =>
  args.flatMap(arg => (typeof arg === 'string' ? [arg] : typeof arg === 'number' ? [] : leaves(arg)))
