/** What the reasons of the outcome table mean, for people: a sentence, and what mends the cause. Pure. */

interface Words {
  readonly says: string
  readonly mend: string
}

const MAPPING =
  'Look in the templates (logs-mailman@custom above all) for what gives the field another type, run `mailman-shipper setup`, and roll the data stream over: POST logs-mailman.LOG-NAMESPACE/_rollover.'
const PARSING = 'Look for an ingest pipeline or a proxy that changes documents; if there is none, report it as a bug.'

const words = new Map<string, Words>([
  ['document_parsing_exception', { says: 'a value does not fit the type of its field', mend: MAPPING }],
  ['mapper_parsing_exception', { says: 'a value does not fit the type of its field', mend: MAPPING }],
  ['strict_dynamic_mapping_exception', { says: 'the index takes no fields that it does not know', mend: MAPPING }],
  [
    'illegal_argument_exception',
    {
      says: 'the index, or an ingest pipeline, refuses a value',
      mend: 'Look at the default pipeline and the settings of the index; the server’s log may say more.',
    },
  ],
  ['number_format_exception', { says: 'a text stands where a number is wanted', mend: MAPPING }],
  ['date_time_parse_exception', { says: 'a text stands where a time is wanted', mend: MAPPING }],
  ['parse_exception', { says: 'the server cannot read a value', mend: PARSING }],
  ['parsing_exception', { says: 'the server cannot read a value', mend: PARSING }],
  ['x_content_parse_exception', { says: 'the server cannot read the document', mend: PARSING }],
  ['json_parse_exception', { says: 'the server cannot read the document', mend: PARSING }],
  ['json_e_o_f_exception', { says: 'the server cannot read the document', mend: PARSING }],
])

const TOO_LARGE: Words = {
  says: 'the document is too large',
  mend: 'Raise the limit of the proxy or of Elasticsearch (http.max_content_length).',
}

/** One of few: the error's type, `too_large`, or `other`. @param reason as for `explainReason` */
export function kindOfReason(reason: string): string {
  if (explainReason(reason) === TOO_LARGE) return 'too_large'
  const [, type = ''] = /^\d{3} ([a-z0-9_]{1,80})/.exec(reason) ?? []
  return words.has(type) ? type : 'other'
}

/** @param reason as delivery/outcome.ts made it: `400 document_parsing_exception, field email.subject` */
export function explainReason(reason: string): { readonly says: string; readonly mend: string } {
  if (reason.endsWith('too large') || reason.endsWith('too large by itself')) return TOO_LARGE
  const [, type = '', field] = /^\d{3} ([a-z0-9_]{1,80})(?:, field ([\w@.-]{1,100}))?$/.exec(reason) ?? []
  const found = words.get(type)
  if (found === undefined) return { says: reason === '' ? 'no reason was given' : 'the output refused it', mend: '' }
  return { says: field === undefined ? found.says : `${found.says}: ${field}`, mend: found.mend }
}
