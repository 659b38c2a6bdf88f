// A process of its own that answers as an Elasticsearch whose index template is there, takes every document and keeps none. It
// counts documents by their newlines: what it does for an event must cost little, since it shares the machine with what is
// measured. Asked to verify, it looks at each id and document instead.
//
// Its parent speaks to it by messages: `{ reset: 'count' | 'verify' }` begins anew, `{ down: true | false }` has it answer everything
// with 503 or no more, `'counts'` asks; each is answered.
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'

const NEWLINE = 10
const templates = { index_templates: [{ name: 'logs-mailman', index_template: { _meta: { managed_by: 'mailman-shipper' } } }] }
const created = '{"create":{"status":201}}'
const conflict =
  '{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"document already exists"}}}'

const zero = { requests: 0, documents: 0, bodyBytes: 0, wireBytes: 0, firstAtMs: 0, repeated: 0, unreadable: 0 }
let counts = { ...zero }
let isDown = false
/** The ids that came; undefined: nobody looks at them. */
let ids
let cpuBefore = process.cpuUsage()
const answers = new Map()

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const path = request.url.split('?')[0]
  const [status, body] = answer(request, path, Buffer.concat(chunks))
  const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' }
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
})

function answer({ method, headers }, path, body) {
  if (isDown) return [503, '{"error":{"type":"unavailable"},"status":503}']
  if (method === 'POST' && path === '/_bulk') return [200, takeBulk(body, headers['content-encoding'] === 'gzip')]
  if (method === 'GET' && path === '/') return [200, JSON.stringify({ version: { number: '9.5.0' } })]
  if (method === 'GET' && path.startsWith('/_index_template/')) return [200, JSON.stringify(templates)]
  if (path.startsWith('/metrics-mailman.agent-')) return [201, '{"result":"created"}'] // its own figures are no events
  return [400, JSON.stringify({ error: `no handler for ${method} ${path}` })]
}

function takeBulk(wire, isGzip) {
  if (counts.firstAtMs === 0) counts.firstAtMs = performance.timeOrigin + performance.now()
  const body = isGzip ? gunzipSync(wire) : wire
  counts.requests++
  counts.wireBytes += wire.length
  counts.bodyBytes += body.length
  if (ids !== undefined) return verify(body)
  let lines = 0
  for (let at = body.indexOf(NEWLINE); at >= 0; at = body.indexOf(NEWLINE, at + 1)) lines++
  const documents = lines >> 1
  counts.documents += documents
  let text = answers.get(documents)
  if (text === undefined) {
    text = `{"errors":false,"items":[${new Array(documents).fill(created).join(',')}]}`
    answers.set(documents, text)
  }
  return text
}

function verify(body) {
  const lines = body.toString().split('\n')
  if (lines.pop() !== '' || lines.length % 2 !== 0) counts.unreadable++
  const items = []
  for (let i = 0; i + 1 < lines.length; i += 2) {
    counts.documents++
    try {
      const { create } = JSON.parse(lines[i])
      const isNew = !ids.has(create._id)
      ids.add(create._id)
      if (!isNew) counts.repeated++
      if (JSON.parse(lines[i + 1])['@timestamp'] === undefined) counts.unreadable++
      items.push(isNew ? created : conflict)
    } catch {
      counts.unreadable++
      items.push(created)
    }
  }
  return `{"errors":${items.includes(conflict)},"items":[${items.join(',')}]}`
}

process.on('message', message => {
  if (message.reset !== undefined) {
    counts = { ...zero }
    ids = message.reset === 'verify' ? new Set() : undefined
    cpuBefore = process.cpuUsage()
  }
  if (message.down !== undefined) isDown = message.down
  const { user, system } = process.cpuUsage(cpuBefore)
  process.send({ ...counts, cpuSeconds: (user + system) / 1e6 })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
