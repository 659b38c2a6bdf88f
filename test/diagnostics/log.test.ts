import { errors as clientErrors } from '@elastic/elasticsearch'
import t from 'tap'
import { createLog, type LogLevel } from '../../src/diagnostics/log.js'
import { ShipperError } from '../../src/errors.js'

function recordLog(level: LogLevel = 'info') {
  const lines: string[] = []
  const log = createLog({ level, destination: { write: line => lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> }
}

t.test('one JSON object a line: ISO time, level by name, fields, message', async t => {
  const { log, lines, last } = recordLog()
  log.info({ file: '/var/log/mailman/vette', offset: 12 }, 'reading')
  log.debug('not at this level')
  t.equal(lines.length, 1)
  t.ok(lines[0]!.endsWith('}\n'))
  const { time, ...rest } = last()
  t.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.same(rest, { level: 'info', file: '/var/log/mailman/vette', offset: 12, msg: 'reading' })
})

t.test('untrusted text is cut and shown, under `text`', async t => {
  const { log, last } = recordLog()
  log.warn({ text: `\x1b]0;x\x07\u202e${'y'.repeat(5000)}` }, 'odd line')
  t.match(last().text, /^\\x1b\]0;x\\x07\\u202ey{990,1000}…$/)
  const long = `/srv/${'d'.repeat(700)}/key is open to group or others`
  log.warn({ text: long }, 'refused')
  t.equal(last().text, long, 'what is wrong with a long path is said')
  log.warn({ text: { deep: 'object' } }, 'not a text')
  t.equal(last().text, '(object)')
})

t.test('no control reaches the terminal from any other key either', async t => {
  const { log, lines } = recordLog()
  log.warn({ path: '/var/log/\x9b2J\u202e' }, 'named \u2066\x1b[2J')
  t.notMatch(lines[0]!.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
})

t.test('of the client’s errors neither body nor answer is written, however they are logged', async t => {
  const { log, lines, last } = recordLog()
  const error = new clientErrors.ResponseError({
    statusCode: 400,
    headers: {},
    warnings: null,
    body: { error: { type: 'document_parsing_exception', reason: "Preview of field's value: 'secret'" } },
    meta: { request: { params: { body: 'secret' } } },
  } as unknown as ConstructorParameters<typeof clientErrors.ResponseError>[0])
  log.error({ err: error }, 'refused')
  t.match(last().err, { name: 'ResponseError', status: 400, message: undefined })
  log.error(error)
  log.error(error, 'refused')
  t.equal(last().msg, 'refused')
  for (const line of lines) t.notMatch(line, /secret/)
})

t.test('messages that are ours or the system’s are written; text of a foreign error is not', async t => {
  const { log, last } = recordLog()
  log.error({ err: new ShipperError('MLS_STATE_LOCKED', '/var/lib/x') }, 'stopped')
  t.same(last().err, {
    name: 'ShipperError',
    code: 'MLS_STATE_LOCKED',
    message: 'Another mailman-shipper uses this state directory: /var/lib/x',
  })
  log.error({ err: Object.assign(new Error('EACCES: x'), { code: 'EACCES', syscall: 'open' }) }, 'x')
  t.same(last().err, { name: 'Error', code: 'EACCES', message: 'EACCES: x' })
  log.error({ err: syntaxError('{"secret": nope}') }, 'x')
  t.match(last().err, { name: 'SyntaxError', message: undefined, at: [/^at /] })
  t.notMatch(JSON.stringify(last()), /secret/)
  log.error({ err: 'a thrown string' }, 'x')
  t.same(last().err, { name: 'string' })
})

function syntaxError(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}
