/**
 * How long the data streams of one namespace keep their events. A stream takes its lifecycle from a template when it is made, and
 * has its own from then on. So what a site chose is kept in two places: in index templates for this namespace alone, above the
 * general one, for streams to come; and in the streams that are there. What is not chosen anew stays as it is in both.
 */
import type { Client } from '@elastic/elasticsearch'
import { agentDataset } from '../diagnostics/agent-document.js'
import { contains, isOurs, orUndefined, putTemplate, readTemplate, type StepResult } from './index-setup.js'
import { perform, type Request } from './request.js'
import type { StepPlan } from './step.js'
import { agentTemplateName, type JsonObject, makeTemplates, retentionDays, type Template, templateName } from './template.js'

/** In days; what was not chosen is absent. */
export interface Retention {
  /** Of all logs but those that follow. */
  readonly all?: number | undefined
  /** By dataset: `mailman.subscribe`. */
  readonly of: ReadonlyMap<string, number>
}

/** The agent's own stream holds metrics; all others hold logs. */
const typeOf = (dataset: string): string => (dataset === agentDataset ? 'metrics' : 'logs')

/** For one dataset of a namespace, or, without one, for all its logs. */
function makeRetentionTemplate(namespace: string, dataset: string | undefined, days: number): Template {
  const type = typeOf(dataset ?? '')
  const general = makeTemplates().find(({ name }) => name === (type === 'logs' ? templateName : agentTemplateName))!
  const { template, priority } = general.body as { template?: JsonObject; priority: number }
  return {
    name: `${type}-${dataset ?? 'mailman'}-${namespace}`,
    kind: 'index',
    body: {
      ...general.body,
      index_patterns: [`${type}-${dataset ?? 'mailman.*'}-${namespace}`],
      priority: priority + (dataset === undefined ? 10 : 20),
      template: { ...template, lifecycle: { data_retention: `${days}d` } },
    },
  }
}

/** The templates that are ours, with what they say. @throws the client's error */
export async function readRetentionTemplates(
  client: Client,
  namespace: string,
): Promise<{ readonly name: string; readonly dataset: string | undefined; readonly days: number | undefined }[]> {
  const answer = await orUndefined(perform(client, { method: 'GET', path: `/_index_template/*-mailman*-${namespace}` }), [404])
  const { index_templates = [] } = (answer ?? {}) as { index_templates?: { name: string; index_template: unknown }[] }
  return index_templates.flatMap(({ name, index_template }) => {
    const dataset = datasetIn(name, namespace)
    if (!isOurs(index_template) || (dataset === undefined && name !== `logs-mailman-${namespace}`)) return []
    const { template } = index_template as { template?: { lifecycle?: Lifecycle } }
    return { name, dataset, days: daysOf(template?.lifecycle) }
  })
}

async function readChosen(client: Client, namespace: string): Promise<Retention> {
  const of = new Map<string, number>()
  let all: number | undefined
  for (const { dataset, days } of await readRetentionTemplates(client, namespace)) {
    if (days === undefined) continue
    if (dataset === undefined) all = days
    else of.set(dataset, days)
  }
  return { all, of }
}

/** `mailman.vette` of `logs-mailman.vette-default`; undefined: it is another namespace's, or none of ours. */
export function datasetIn(stream: string, namespace: string): string | undefined {
  const end = `-${namespace}`
  if (!stream.endsWith(end)) return undefined
  return /^(?:logs|metrics)-(mailman\.[^-]+)$/.exec(stream.slice(0, -end.length))?.[1]
}

export interface RetentionPlan {
  readonly namespace: string
  /** Chosen now. */
  readonly given: Retention
  /** What the account lacks, in words: for templates, and for streams. */
  readonly missing: { readonly templates: readonly string[]; readonly streams: readonly string[] }
}

/** @throws the client's error */
export async function planRetention(client: Client, { namespace, given, missing }: RetentionPlan): Promise<StepPlan[]> {
  const isBlind = missing.templates.length > 0
  const before = isBlind ? { all: undefined, of: new Map<string, number>() } : await readChosen(client, namespace)
  const plan = (dataset: string | undefined, now: number | undefined, was: number | undefined): StepPlan => {
    const days = now ?? was ?? retentionDays
    const template = makeRetentionTemplate(namespace, dataset, days)
    const run = async (): Promise<StepResult> => {
      const found = await readTemplate(client, template)
      if (found !== undefined && !isOurs(found))
        return { status: 'skipped', detail: `an index template ${template.name} exists that is not ours: left as it is` }
      const detail = `${sayDays(days)}${now === undefined ? ', as set before' : was === undefined || was === now ? '' : `, ${was} before`}`
      if (found !== undefined && contains(found, template.body)) return { status: 'unchanged', detail }
      await perform(client, putTemplate(template))
      return { status: 'done', detail }
    }
    return {
      name: `retention of ${dataset === undefined ? 'other logs' : shortOf(dataset)}`,
      needed: false,
      missing: missing.templates,
      run,
    }
  }
  const all = given.all === undefined && before.all === undefined ? [] : [plan(undefined, given.all, before.all)]
  const datasets = [...new Set([...before.of.keys(), ...given.of.keys()])].sort()
  return [
    ...datasets.map(dataset => plan(dataset, given.of.get(dataset), before.of.get(dataset))),
    ...all,
    {
      name: 'retention of existing streams',
      needed: false,
      // Which streams are not meant by --keep-days is not known then.
      missing: isBlind && given.all !== undefined ? missing.templates : missing.streams,
      run: () => updateRetention(client, namespace, given, before),
    },
  ]
}

/** As an administrator sends them; a stream that is not there yet answers 404, and needs none. */
export function retentionRequests(namespace: string, { all, of }: Retention): { templates: Request[]; streams: Request[] } {
  const chosen: (readonly [string | undefined, number])[] = [...(all === undefined ? [] : [[undefined, all] as const]), ...of]
  return {
    templates: chosen.map(([dataset, days]) => putTemplate(makeRetentionTemplate(namespace, dataset, days))),
    streams: chosen.map(([dataset, days]) =>
      putLifecycle(`${typeOf(dataset ?? '')}-${dataset ?? 'mailman.*'}-${namespace}`, days),
    ),
  }
}

const putLifecycle = (stream: string, days: number): Request => ({
  method: 'PUT',
  path: `/_data_stream/${stream}/_lifecycle`,
  body: { data_retention: `${days}d` },
})

interface Lifecycle {
  readonly data_retention?: string
}

/** What is chosen now is set; else only where a stream has none: a retention that a site chose stays. */
async function updateRetention(client: Client, namespace: string, given: Retention, before: Retention): Promise<StepResult> {
  const path = `/_data_stream/logs-mailman.*-${namespace},metrics-mailman.*-${namespace}/_lifecycle`
  // 400 and 405: a server without this part (it is not in the core). Its streams take the template's when they are made.
  const answer = await orUndefined(perform(client, { method: 'GET', path }), [400, 404, 405])
  if (answer === undefined) return { status: 'skipped', detail: 'this server cannot tell; new streams take it from the template' }
  const { data_streams = [] } = answer as { data_streams?: { name: string; lifecycle?: Lifecycle }[] }
  const kept = new Map<string, string[]>()
  const changed: string[] = []
  for (const { name, lifecycle } of data_streams) {
    const dataset = datasetIn(name, namespace)
    if (dataset === undefined) continue
    const isLog = name.startsWith('logs-')
    const chosen = given.of.get(dataset) ?? (isLog && !before.of.has(dataset) ? given.all : undefined)
    const usual = before.of.get(dataset) ?? (isLog ? before.all : undefined) ?? retentionDays
    const wanted = chosen ?? (lifecycle === undefined ? usual : undefined)
    if (wanted === undefined || wanted === daysOf(lifecycle)) {
      const says = sayLifecycle(lifecycle)
      kept.set(says, [...(kept.get(says) ?? []), shortOf(dataset)])
      continue
    }
    await perform(client, putLifecycle(name, wanted))
    changed.push(
      `${shortOf(dataset)} set to ${sayDays(wanted)}${lifecycle === undefined ? '' : `, ${sayLifecycle(lifecycle)} before`}`,
    )
  }
  const stays = [...kept].map(([days, datasets]) => `${datasets.sort().join(', ')} ${days}`)
  return { status: changed.length === 0 ? 'unchanged' : 'done', detail: [...changed, ...stays].join('; ') }
}

function daysOf(lifecycle: Lifecycle | undefined): number | undefined {
  const [, days] = /^(\d+)d$/.exec(lifecycle?.data_retention ?? '') ?? []
  return days === undefined ? undefined : Number(days)
}

function sayLifecycle(lifecycle: Lifecycle | undefined): string {
  const days = daysOf(lifecycle)
  return days === undefined ? (lifecycle?.data_retention ?? 'for ever') : sayDays(days)
}

const sayDays = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`

const shortOf = (dataset: string): string => dataset.replace(/^mailman\./, '')
