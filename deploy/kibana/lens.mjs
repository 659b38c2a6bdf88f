// Charts by value, as Kibana's Lens stores them: one layer each; every column that is named exists and every one that exists is named.
import { dataViewId, field, records, typeOf } from './view.mjs'

const layerId = 'layer'
/** Without a query, or with the empty one: all. */
const filter = (query = '') => (query === '' ? {} : { filter: { query, language: 'kuery' } })
const percent = { id: 'percent', params: { decimals: 1 } }
const number = decimals => ({ id: 'number', params: { decimals } })

/** What is measured: a label, and the columns that it needs, its own under the id that it is given. */
const measure = (label, make) => ({
  label,
  columns: id => make(id, { label, customLabel: true, dataType: 'number', isBucketed: false, scale: 'ratio' }),
})

export const count = (label, query) =>
  measure(label, (id, column) => ({
    [id]: { ...column, operationType: 'count', sourceField: records, params: { emptyAsNull: false }, ...filter(query) },
  }))

const over = operationType => (label, name, query) =>
  measure(label, (id, column) => ({
    [id]: { ...column, operationType, sourceField: field(name), params: { emptyAsNull: false }, ...filter(query) },
  }))
export const sum = over('sum')
/** How many different values. */
export const unique = over('unique_count')

/** The greatest value; of a time, the latest. */
export const max = (label, name) =>
  measure(label, (id, column) => ({
    [id]: { ...column, dataType: typeOf(name), operationType: 'max', sourceField: field(name), params: { emptyAsNull: true } },
  }))
/** Over time only. */
export const eachMinute = (label, name) =>
  measure(label, (id, column) => ({
    [id]: { ...column, operationType: 'sum', sourceField: field(name), timeScale: 'm', params: { emptyAsNull: true } },
  }))
/** What the newest document says that has this field. @param isList it may hold several values */
export const last = (label, name, isList = false) =>
  measure(label, (id, column) => {
    const dataType = typeOf(name)
    const scale = dataType === 'string' ? 'ordinal' : 'ratio'
    const params = { showArrayValues: isList, sortField: field('@timestamp') }
    return {
      [id]: { ...column, dataType, scale, operationType: 'last_value', sourceField: name, params, ...filter(`${name}: *`) },
    }
  })

const signs = { divide: ' / ', add: ' + ' }

/**
 * A formula needs beside itself a column for each of its parts and one for the sum of them: Kibana before 9 does not make them.
 * @param expression a number, `{ count: query }`, `{ sum: field }` or `{ sum: field, of: query }`, or `{ op, args }`
 */
const formula = (label, expression, format) =>
  measure(label, (id, column) => {
    const part = { ...column, label: `Part of ${label}` }
    const parts = {}
    const place = made => {
      const partId = `${id}X${Object.keys(parts).length}`
      parts[partId] = { ...part, params: { emptyAsNull: false }, ...made }
      return partId
    }
    const quoted = query => (query === '' ? '' : `kql='${query}'`)
    const read = node => {
      if (typeof node === 'number') return [`${node}`, node]
      if (node.count !== undefined)
        return [`count(${quoted(node.count)})`, place({ operationType: 'count', sourceField: records, ...filter(node.count) })]
      if (node.sum !== undefined)
        return [
          `sum(${[field(node.sum), ...(node.of === undefined ? [] : [quoted(node.of)])].join(', ')})`,
          place({ operationType: 'sum', sourceField: node.sum, ...filter(node.of) }),
        ]
      const pairs = node.args.map(read)
      const texts = pairs.map(([text]) => text)
      return [`(${texts.join(signs[node.op])})`, { type: 'function', name: node.op, args: pairs.map(([, ast]) => ast) }]
    }
    const [text, ast] = read(expression)
    const mathId = `${id}X${Object.keys(parts).length}`
    const tinymathAst = { ...ast, location: { min: 0, max: text.length }, text }
    return {
      [id]: {
        ...column,
        operationType: 'formula',
        params: { formula: text, isFormulaBroken: false, format },
        references: [mathId],
      },
      ...parts,
      [mathId]: { ...part, operationType: 'math', params: { tinymathAst }, references: Object.keys(parts) },
    }
  })

const divide = (a, b) => ({ op: 'divide', args: [a, b] })

/** What part of both is the first. */
export const share = (label, query, rest) =>
  formula(label, divide({ count: query }, { op: 'add', args: [{ count: query }, { count: rest }] }), percent)
/** What part the first field's sum is of the second's. */
export const ratio = (label, name, whole) => formula(label, divide({ sum: name }, { sum: whole }), percent)

const delivery = { time: 'event.duration', recipients: 'mailman.smtp.recipients' }
/** Nanoseconds are what the field holds. @param of the query for deliveries */
export const millisecondsEach = (label, of) =>
  formula(label, divide(divide({ sum: delivery.time, of }, { sum: delivery.recipients, of }), 1e6), number(1))
/** By one process that does nothing else: Mailman may run several at once. */
export const eachSecond = (label, of) =>
  formula(label, divide({ sum: delivery.recipients, of }, divide({ sum: delivery.time, of }, 1e9)), number(1))

const byTime = {
  label: 'Time',
  customLabel: true,
  dataType: 'date',
  operationType: 'date_histogram',
  sourceField: field('@timestamp'),
  isBucketed: true,
  scale: 'interval',
  params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
}

const byField = (name, label, size, orderBy, orderDirection = 'desc') => ({
  label,
  customLabel: true,
  dataType: typeOf(name),
  operationType: 'terms',
  sourceField: field(name),
  isBucketed: true,
  scale: 'ordinal',
  params: {
    size,
    orderBy: { type: 'column', columnId: orderBy },
    orderDirection,
    otherBucket: false,
    missingBucket: false,
    parentFormat: { id: 'terms' },
    include: [],
    exclude: [],
    includeIsRegex: false,
    excludeIsRegex: false,
  },
})

/** @param options `view`: the id of another data view than that of the logs */
function panel(visualizationType, { title, query = '', view = dataViewId }, columns, visualization) {
  const buckets = Object.keys(columns).filter(id => columns[id].isBucketed)
  const columnOrder = [...buckets, ...Object.keys(columns).filter(id => !columns[id].isBucketed)]
  const layers = { [layerId]: { columnOrder, columns, incompleteColumns: {} } }
  const state = {
    visualization,
    query: { query, language: 'kuery' },
    filters: [],
    datasourceStates: { formBased: { layers } },
    internalReferences: [],
    adHocDataViews: {},
  }
  const references = [{ type: 'index-pattern', id: view, name: `indexpattern-datasource-layer-${layerId}` }]
  return { kind: 'lens', title, attributes: { title, type: 'lens', visualizationType, references, state } }
}

/** Measures get the ids y0, y1, … */
const columnsOf = measures => Object.assign({}, ...measures.map((made, i) => made.columns(`y${i}`)))
const ids = measures => measures.map((_, i) => `y${i}`)

/** One number. Its name stands in it, so the panel shows no title besides. */
export const metric = (measured, options = {}) => ({
  ...panel('lnsMetric', { ...options, title: measured.label }, measured.columns('y0'), {
    layerId,
    layerType: 'data',
    metricAccessor: 'y0',
  }),
  hidesTitle: true,
})

/** Measures over time. @param options `type`: bar_stacked, line, area */
export const overTime = ({ type = 'bar_stacked', ...options }, ...measures) =>
  panel('lnsXY', options, { x: byTime, ...columnsOf(measures) }, xy(type, { xAccessor: 'x', accessors: ids(measures) }))

/** One count over time, by a field's values. */
export const overTimeBy = ({ name, label, size = 8, type = 'bar_stacked', ...options }, measured) =>
  panel(
    'lnsXY',
    options,
    { x: byTime, split: byField(name, label, size, 'y0'), ...measured.columns('y0') },
    xy(type, { xAccessor: 'x', splitAccessor: 'split', accessors: ['y0'] }),
  )

/** The values of a field that have most of the first measure, as bars. */
export const bars = ({ name, label, size = 12, ...options }, ...measures) =>
  panel(
    'lnsXY',
    options,
    { x: byField(name, label, size, 'y0'), ...columnsOf(measures) },
    xy('bar_horizontal_stacked', { xAccessor: 'x', accessors: ids(measures) }),
  )

/**
 * The same as a table. The first measure decides the order, so it is none that is computed.
 * @param options `by`: further fields; `order`: `asc`, the least first
 */
export const table = ({ name, label, size = 20, by = [], order, ...options }, ...measures) => {
  const fields = [{ name, label, size }, ...by]
  const buckets = Object.fromEntries(fields.map((one, i) => [`b${i}`, byField(one.name, one.label, one.size ?? 5, 'y0', order)]))
  const columns = { ...buckets, ...columnsOf(measures) }
  const shown = [...Object.keys(buckets), ...ids(measures)].map(columnId => ({ columnId }))
  return panel('lnsDatatable', options, columns, { layerId, layerType: 'data', columns: shown })
}

function xy(seriesType, { xAccessor, splitAccessor, accessors }) {
  const split = splitAccessor === undefined ? {} : { splitAccessor }
  return {
    legend: { isVisible: true, position: 'bottom', showSingleSeries: true },
    valueLabels: 'hide',
    fittingFunction: 'None',
    axisTitlesVisibilitySettings: { x: false, yLeft: false, yRight: false },
    preferredSeriesType: seriesType,
    layers: [{ layerId, layerType: 'data', seriesType, xAccessor, ...split, accessors }],
  }
}
