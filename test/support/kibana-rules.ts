/** The alert rules as they are shipped, put to Elasticsearch as kibana-esql.ts tells. */
import { readFileSync } from 'node:fs'
import type { Client } from '@elastic/elasticsearch'
import { readRules } from '../../src/delivery/kibana-rules.js'
import { planEsql, type Row } from './kibana-esql.js'

export interface RuleParams {
  readonly searchType?: string
  readonly esqlQuery?: { readonly esql: string }
  readonly timeField: string
  readonly timeWindowSize: number
  readonly timeWindowUnit: 'm' | 'h' | 'd'
  readonly threshold: readonly number[]
  readonly thresholdComparator: string
  readonly filterKuery?: string
}
export const rules = readRules(readFileSync(new URL('../../deploy/kibana/rules.json', import.meta.url), 'utf8')).map(rule => ({
  ...rule,
  title: rule.body.name.replace('Mailman: ', ''),
  type: rule.body.rule_type_id as string,
  params: rule.body.params as RuleParams,
}))
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What a rule finds at a time; no rows: it is silent. */
export async function askRule(
  client: Client,
  namespace: string,
  title: string,
  time: number | string,
  change = (text: string): string => text,
): Promise<Row[]> {
  const { params } = rules.find(one => one.title === title)!
  const now = typeof time === 'number' ? time : Date.parse(`${time}Z`)
  const windowMs = params.timeWindowSize * unitMs[params.timeWindowUnit]
  if (params.esqlQuery !== undefined) {
    const index = params.esqlQuery.esql.startsWith('FROM metrics') ? `agent-${namespace}` : `logs-mailman.*-${namespace}`
    return planEsql(change(params.esqlQuery.esql)).rows(client, { index, now, windowMs })
  }
  // The same words as Kibana's, in the language of which Kibana's is a part.
  const query = params.filterKuery!.replace(' and not ', ' AND NOT ')
  const filter = [
    { range: { '@timestamp': { gt: now - windowMs, lte: now, format: 'epoch_millis' } } },
    { query_string: { query } },
  ]
  const { count } = await client.count({ index: `logs-mailman.*-${namespace}`, query: { bool: { filter } } })
  return count > params.threshold[0]! ? [new Map([['count', count]])] : []
}
