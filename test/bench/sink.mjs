// A process of its own that answers as an Elasticsearch whose index template is there, takes every document and keeps none. It
// counts documents by their newlines: what it does for an event must cost little, since it shares the machine with what is
// measured. Asked to look, it looks at each document instead (sink-look.mjs).
//
// Its parent speaks to it by messages: `{ reset: 'count' | 'verify' | 'texts' | 'arrivals' }` begins anew, `{ down: true | false }`
// has it answer everything with 503 or no more, `'counts'` and `'arrivals'` ask; each is answered.
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { answerBulk, info, license } from './sink-answer.mjs'
import { createLook } from './sink-look.mjs'

const templates = { index_templates: [{ name: 'logs-mailman', index_template: { _meta: { managed_by: 'mailman-shipper' } } }] }

const zero = { requests: 0, documents: 0, bodyBytes: 0, wireBytes: 0, firstAtMs: 0, lastAtMs: 0 }
let counts = { ...zero }
let isDown = false
/** What looks at the documents; undefined: nobody does. */
let look
let cpuBefore = process.cpuUsage()

const now = () => performance.timeOrigin + performance.now()

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const [status, body] = answer(request, Buffer.concat(chunks))
  const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' }
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
})

function answer({ method, url, headers }, body) {
  const [path, query] = url.split('?')
  if (isDown) return [503, '{"error":{"type":"unavailable"},"status":503}']
  if (method !== 'GET' && method !== 'HEAD' && /^\/([^/]+\/)?_bulk$/.test(path))
    return [200, takeBulk(body, headers['content-encoding'] === 'gzip', query)]
  if (method === 'HEAD') return [200, '']
  if (method === 'GET' && path === '/') return [200, info]
  if (method === 'GET' && path === '/_license') return [200, license] // Filebeat asks before it sends
  if (method === 'GET' && path.startsWith('/_index_template/')) return [200, JSON.stringify(templates)]
  if (method === 'GET' && path.startsWith('/_cat/health')) return [200, 'green'] // rsyslog asks before it sends
  if (path.startsWith('/metrics-mailman.agent-')) return [201, '{"result":"created"}'] // its own figures are no events
  return [400, JSON.stringify({ error: `no handler for ${method} ${path}` })]
}

function takeBulk(wire, isGzip, query) {
  const atMs = now()
  if (counts.firstAtMs === 0) counts.firstAtMs = atMs
  const body = isGzip ? gunzipSync(wire) : wire
  counts.requests++
  counts.wireBytes += wire.length
  counts.bodyBytes += body.length
  const [documents, text] = look?.take(body, atMs) ?? answerBulk(body, query)
  counts.documents += documents
  counts.lastAtMs = now()
  return text
}

process.on('message', message => {
  if (message === 'arrivals') return process.send(look.arrivals())
  if (message.reset !== undefined) {
    counts = { ...zero }
    look = createLook(message.reset)
    cpuBefore = process.cpuUsage()
  }
  if (message.down !== undefined) isDown = message.down
  const { user, system } = process.cpuUsage(cpuBefore)
  process.send({ ...counts, ...look?.found(), cpuSeconds: (user + system) / 1e6 })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
