// What an Elasticsearch answers: as much as it was asked for (`filter_path`) and no less, since reading answers costs a shipper.
const NEWLINE = 10
const MAX_KEPT = 500

export const info = JSON.stringify({
  name: 'sink',
  cluster_name: 'sink',
  cluster_uuid: '0123456789abcdefghijkl',
  version: { number: '9.5.0', build_flavor: 'default' },
  tagline: 'You Know, for Search',
})

export const license = JSON.stringify({ license: { uid: 'sink', type: 'basic', mode: 'basic', status: 'active' } })

/** In the order in which Elasticsearch writes them. */
const itemFields = {
  _index: '".ds-logs-mailman-default-2026.11.23-000001"',
  _id: '"q83vEpgBzJkL0aVxYt2s"',
  _version: '1',
  result: '"created"',
  _shards: '{"total":2,"successful":1,"failed":0}',
  _seq_no: '1234567',
  _primary_term: '1',
  status: '201',
}

/** @returns how many documents there are, and the answer that all of them are stored */
export function answerBulk(body, query) {
  const operation = body[2] === 'i'.charCodeAt(0) ? 'index' : 'create'
  const shape = shapeOf(`${operation}?${query}`)
  return shape.hasId && hasOwnIds(body) ? answerEach(body, shape) : answerAll(countLines(body) >> 1, shape)
}

const shapes = new Map()

function shapeOf(key) {
  let shape = shapes.get(key)
  if (shape === undefined) {
    const [operation, query] = key.split('?')
    const paths = new URLSearchParams(query).get('filter_path')?.split(',')
    const asked = Object.keys(itemFields).filter(name => paths === undefined || paths.includes(`items.*.${name}`))
    const [before, after = ''] = `{"${operation}":{${asked.map(name => `"${name}":${itemFields[name]}`).join(',')}}}`.split(
      itemFields._id,
    )
    const took = paths === undefined || paths.includes('took') ? '"took":12,' : ''
    const errors = paths === undefined || paths.includes('errors') ? '"errors":false,' : ''
    shape = { before, after, hasId: asked.includes('_id'), head: `{${errors}${took}"items":[`, kept: new Map() }
    shapes.set(key, shape)
  }
  return shape
}

function answerAll(documents, { before, after, hasId, head, kept }) {
  let text = kept.get(documents)
  if (text === undefined) {
    if (kept.size >= MAX_KEPT) kept.clear()
    text = `${head}${new Array(documents).fill(`${before}${hasId ? itemFields._id : ''}${after}`).join(',')}]}`
    kept.set(documents, text)
  }
  return [documents, text]
}

function countLines(body) {
  let lines = 0
  for (let at = body.indexOf(NEWLINE); at >= 0; at = body.indexOf(NEWLINE, at + 1)) lines++
  return lines
}

const ID = '"_id":"'
const hasOwnIds = body => body.latin1Slice(0, body.indexOf(NEWLINE)).includes(ID)

/** Each document's id is said again, as Elasticsearch does. */
function answerEach(body, { before, after, head }) {
  const items = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf(NEWLINE, at)
    const action = body.latin1Slice(at, end)
    const from = action.indexOf(ID) + ID.length
    items.push(`${before}"${action.slice(from, action.indexOf('"', from))}"${after}`)
    at = body.indexOf(NEWLINE, end + 1) + 1
    if (at === 0) break
  }
  return [items.length, `${head}${items.join(',')}]}`]
}
