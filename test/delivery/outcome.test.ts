// The outcome table is total, and sets aside only what is known to be the document's own fault.
import fc from 'fast-check'
import t from 'tap'
import { holdUpOf, judgeItem } from '../../src/delivery/outcome.js'

const items: [status: number, type: string | undefined, reason: string, outcome: string, code?: string][] = [
  [201, undefined, '', 'stored'],
  [200, undefined, '', 'stored'],
  [409, 'version_conflict_engine_exception', '[a]: version conflict, document already exists', 'duplicate'],
  [409, 'other_conflict_exception', '', 'retry', 'MLS_OUTPUT_SERVER'],
  [409, undefined, '', 'retry', 'MLS_OUTPUT_SERVER'],
  [
    400,
    'document_parsing_exception',
    "[1:20] failed to parse field [source.ip] of type [ip] in document with id 'a'",
    'set-aside',
  ],
  [400, 'mapper_parsing_exception', 'failed to parse', 'set-aside'],
  [400, 'strict_dynamic_mapping_exception', '', 'set-aside'],
  [400, 'illegal_argument_exception', 'Document contains at least one immense term in field="x"', 'set-aside'],
  [400, 'illegal_argument_exception', 'data stream timestamp field [@timestamp] is missing', 'set-aside'],
  [400, 'illegal_argument_exception', 'pipeline with id [mine] does not exist', 'retry', 'MLS_OUTPUT_SERVER'],
  [
    400,
    'illegal_argument_exception',
    'only write ops with an op_type of create are allowed in data streams',
    'retry',
    'MLS_OUTPUT_SERVER',
  ],
  [400, 'illegal_argument_exception', 'no write index is defined for alias [x]', 'retry', 'MLS_OUTPUT_SERVER'],
  [400, 'validation_exception', 'this action would add [2] shards', 'retry', 'MLS_OUTPUT_SERVER'],
  [400, undefined, '', 'retry', 'MLS_OUTPUT_SERVER'],
  [401, 'security_exception', '', 'retry', 'MLS_OUTPUT_FORBIDDEN'],
  [403, 'security_exception', 'action [indices:data/write/bulk[s]] is unauthorized', 'retry', 'MLS_OUTPUT_FORBIDDEN'],
  [403, 'cluster_block_exception', 'index [x] blocked by: [FORBIDDEN/8/index write (api)]', 'retry', 'MLS_OUTPUT_READONLY'],
  [429, 'cluster_block_exception', 'disk usage exceeded flood-stage watermark', 'retry', 'MLS_OUTPUT_READONLY'],
  [404, 'index_not_found_exception', 'no such index', 'retry', 'MLS_OUTPUT_TEMPLATE'],
  [413, undefined, '', 'set-aside'],
  [429, 'es_rejected_execution_exception', '', 'retry', 'MLS_OUTPUT_BUSY'],
  [429, 'circuit_breaking_exception', '', 'retry', 'MLS_OUTPUT_BUSY'],
  [500, 'document_parsing_exception', '', 'retry', 'MLS_OUTPUT_SERVER'],
  [503, 'unavailable_shards_exception', '', 'retry', 'MLS_OUTPUT_SERVER'],
  [503, 'no_shard_available_action_exception', '', 'retry', 'MLS_OUTPUT_SERVER'],
]

t.test('items', async t => {
  for (const [status, type, reason, outcome, code] of items) {
    const verdict = judgeItem(status, status < 300 ? undefined : { type, reason })
    t.equal(verdict.outcome.status, outcome, `${status} ${type} ${reason}`)
    t.equal(verdict.code, code, `${status} ${type} ${reason}`)
  }
})

t.test('whole requests', async t => {
  const requests: [status: number, type: string | undefined, isElasticsearch: boolean, code: string][] = [
    [401, 'security_exception', true, 'MLS_OUTPUT_AUTH'],
    [401, undefined, false, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [403, 'security_exception', true, 'MLS_OUTPUT_FORBIDDEN'],
    [403, undefined, false, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [403, 'cluster_block_exception', true, 'MLS_OUTPUT_READONLY'],
    [429, 'cluster_block_exception', true, 'MLS_OUTPUT_READONLY'],
    [503, 'cluster_block_exception', true, 'MLS_OUTPUT_SERVER'],
    [413, undefined, true, 'MLS_OUTPUT_TOO_LARGE'],
    [413, undefined, false, 'MLS_OUTPUT_TOO_LARGE'],
    [429, 'es_rejected_execution_exception', true, 'MLS_OUTPUT_BUSY'],
    [429, 'circuit_breaking_exception', true, 'MLS_OUTPUT_BUSY'],
    [429, undefined, false, 'MLS_OUTPUT_BUSY'],
    [502, undefined, false, 'MLS_OUTPUT_UNREACHABLE'],
    [503, undefined, false, 'MLS_OUTPUT_SERVER'],
    [504, undefined, false, 'MLS_OUTPUT_UNREACHABLE'],
    [400, 'illegal_argument_exception', true, 'MLS_OUTPUT_SERVER'],
    [404, 'index_not_found_exception', true, 'MLS_OUTPUT_SERVER'],
    [404, undefined, false, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [302, undefined, false, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
  ]
  for (const [status, type, isElasticsearch, code] of requests) {
    t.equal(holdUpOf(status, type, isElasticsearch).code, code, `${status} ${type} ${isElasticsearch}`)
  }
})

t.test('a reason names the field and never a value', async t => {
  const reason = (text: string): unknown => judgeItem(400, { type: 'document_parsing_exception', reason: text }).outcome
  t.same(
    reason(
      "[1:20] failed to parse field [source.ip] of type [ip] in document with id 'a'. Preview of field's value: 'mary@example.org'",
    ),
    {
      status: 'set-aside',
      reason: '400 document_parsing_exception, field source.ip',
    },
  )
  t.same(reason('object mapping for [email] tried to parse field [email] as object, but found a concrete value'), {
    status: 'set-aside',
    reason: '400 document_parsing_exception, field email',
  })
  t.same(reason('mary@example.org: failed to parse field [x] of type [long]'), {
    status: 'set-aside',
    reason: '400 document_parsing_exception',
  })
})

t.test('anything at all has an outcome, and nothing of a stranger’s text comes through', async t => {
  const holds = <T>(name: string, property: fc.IProperty<T>): void => {
    const report = fc.check(property)
    t.notOk(report.failed, `${name}; seed ${report.seed}: ${fc.stringify(report.counterexample)}`)
  }
  holds(
    'any answer',
    fc.property(fc.anything(), fc.anything(), fc.string(), (status, type, secret) => {
      const { outcome } = judgeItem(status, { type, reason: `${secret}Preview of field's value: 'mary@example.org'` })
      if ('reason' in outcome && outcome.reason.includes('mary')) return false
      return ['stored', 'duplicate', 'retry', 'set-aside'].includes(outcome.status)
    }),
  )
  holds(
    'an error is never stored',
    fc.property(fc.integer(), status => judgeItem(status, { type: 'x' }).outcome.status !== 'stored'),
  )
  holds(
    'unknown types are sent again',
    fc.property(fc.integer({ min: 100, max: 599 }), fc.stringMatching(/^[a-z_]{1,30}$/), (status, type) => {
      const { outcome } = judgeItem(status, { type, reason: '' })
      return outcome.status !== 'set-aside' || status === 413 || (status === 400 && /pars|argument|mapping|format/.test(type))
    }),
  )
})
