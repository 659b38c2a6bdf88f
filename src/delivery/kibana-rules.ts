/**
 * The alert rules of deploy/kibana in Kibana: made once under ids of our own, brought up to date by a later version, and known to be
 * up to date by a tag. What people change in them stays until then; their actions stay always, and what is disabled stays disabled.
 */
import { ShipperError } from '../errors.js'
import { askKibana, type Kibana, type KibanaRequest, reasonOf } from './kibana-connection.js'
import { type Action, type ActionMaker, joinActions, keepActions } from './kibana-rules-actions.js'
import type { StepStatus } from './step.js'

export interface Rule {
  /** A UUID: Kibana takes no other, as a rule holds a secret (core/packages/saved-objects/…/encryption.ts, `getValidId`). */
  readonly id: string
  /** For which state of it an action is taken. */
  readonly group: string
  /** What it means and what to do, with Kibana's own templates in it. */
  readonly text: string
  readonly body: { readonly name: string; readonly tags: readonly string[]; readonly [key: string]: unknown }
}

type Result = { readonly status: StepStatus; readonly detail: string }

/** ES|QL rules with an `alert_delay` are taken from here on. */
const oldest: readonly [number, number] = [8, 13]

/** @throws ShipperError MLS_SETUP_FAILED where the file is not what this version came with */
export function readRules(text: string): readonly Rule[] {
  try {
    const rules = JSON.parse(text) as readonly Rule[]
    if (rules.length > 0 && rules.every(({ body }) => body.tags.some(isMark))) return rules
  } catch {
    // said below
  }
  throw new ShipperError('MLS_SETUP_FAILED', 'rules.json is damaged: install mailman-shipper again')
}

const isMark = (tag: string): boolean => /^mailman-shipper [\da-f]{12}$/.test(tag)

const pathOf = (space: string, { id }: Rule): string => `/s/${space}/api/alerting/rule/${id}`

export const postRule = (space: string, rule: Rule, actions: readonly Action[] = []): KibanaRequest => ({
  method: 'POST',
  path: pathOf(space, rule),
  body: { ...rule.body, enabled: true, actions },
})

/** @param makeActions undefined: none is added  @param version of Kibana */
export async function installRules(
  kibana: Kibana,
  space: string,
  rules: readonly Rule[],
  makeActions: ActionMaker | undefined,
  version: readonly [number, number],
): Promise<Result> {
  if (version[0] < oldest[0] || (version[0] === oldest[0] && version[1] < oldest[1]))
    return { status: 'skipped', detail: `these rules need Kibana ${oldest.join('.')} or later; this one is ${version.join('.')}` }
  const obstacle = await askHealth(kibana, space)
  if (obstacle !== undefined) return obstacle
  const done = new Map<Outcome, string[]>()
  for (const rule of rules) {
    const outcome = await install(kibana, space, rule, makeActions)
    if (typeof outcome === 'object') return { ...outcome, detail: `${rule.body.name}: ${outcome.detail}` }
    done.set(outcome, [...(done.get(outcome) ?? []), rule.body.name])
  }
  const count = (outcome: Outcome): number => done.get(outcome)?.length ?? 0
  const parts = (['made', 'brought up to date', 'unchanged'] as const).flatMap(outcome =>
    count(outcome) === 0 ? [] : `${count(outcome)} ${outcome}`,
  )
  if (count('unchanged') === rules.length) return { status: 'unchanged', detail: '' }
  const quiet = makeActions === undefined ? '; they show as alerts there, and tell nobody unless an action is added' : ''
  return { status: 'done', detail: `${parts.join(', ')} in the space ${space}${quiet}` }
}

type Outcome = 'made' | 'brought up to date' | 'unchanged'

interface Found {
  readonly tags?: readonly string[]
  readonly actions?: readonly Action[]
}

async function install(
  kibana: Kibana,
  space: string,
  rule: Rule,
  makeActions: ActionMaker | undefined,
): Promise<Outcome | Result> {
  const path = pathOf(space, rule)
  const actions = makeActions?.(rule) ?? []
  const found = await askKibana(kibana, { method: 'GET', path })
  if (found.status === 404) {
    const made = await askKibana(kibana, postRule(space, rule, actions))
    if (made.status === 409)
      return { status: 'failed', detail: 'a rule of this id is in another space: delete it there, then repeat' }
    return made.status === 200 ? 'made' : refusedOr(made.status, space, reasonOf(made))
  }
  if (found.status !== 200) return refusedOr(found.status, space, reasonOf(found))
  const old = found.body as Found
  const joined = joinActions(old.actions ?? [], actions)
  const mark = rule.body.tags.find(isMark)
  if (mark !== undefined && old.tags?.includes(mark) === true && joined === undefined) return 'unchanged'
  // An update names neither kind nor owner, and leaves it on or off as it is.
  const { rule_type_id: _, consumer: __, ...body } = rule.body
  const own = (old.tags ?? []).filter(tag => !isMark(tag))
  const put = await askKibana(kibana, {
    method: 'PUT',
    path,
    body: {
      ...body,
      tags: [...new Set([...own, ...rule.body.tags])],
      actions: joined ?? keepActions(old.actions ?? []),
    },
  })
  return put.status === 200 ? 'brought up to date' : refusedOr(put.status, space, reasonOf(put))
}

function refusedOr(status: number, space: string, reason: string): Result {
  if (status !== 401 && status !== 403) return { status: 'failed', detail: reason }
  return {
    status: 'refused',
    detail: `the account lacks the Kibana privilege Stack Rules (all) in the space ${space} (${reason})`,
  }
}

/** @returns why there can be no rules; undefined: nothing is in the way */
async function askHealth(kibana: Kibana, space: string): Promise<Result | undefined> {
  const answer = await askKibana(kibana, { method: 'GET', path: `/s/${space}/api/alerting/_health` })
  if (answer.status !== 200) return refusedOr(answer.status, space, reasonOf(answer))
  const { is_sufficiently_secure: isSecure, has_permanent_encryption_key: hasKey } = (answer.body ?? {}) as Record<
    string,
    unknown
  >
  if (hasKey === false)
    return {
      status: 'failed',
      detail:
        'Kibana has no lasting key for the rules’ secrets: set xpack.encryptedSavedObjects.encryptionKey in kibana.yml (bin/kibana-encryption-keys generate makes one; the same on every Kibana), restart it, then repeat setup',
    }
  if (isSecure === false)
    return {
      status: 'failed',
      detail:
        'Kibana runs no rules while it speaks to Elasticsearch without TLS: set xpack.security.http.ssl.enabled in elasticsearch.yml, then repeat setup',
    }
  return undefined
}

export async function removeRules(kibana: Kibana, space: string, rules: readonly Rule[]): Promise<Result> {
  let removed = 0
  for (const rule of rules) {
    const answer = await askKibana(kibana, { method: 'DELETE', path: pathOf(space, rule) })
    if (answer.status === 200 || answer.status === 204) removed++
    else if (answer.status !== 404) return refusedOr(answer.status, space, reasonOf(answer))
  }
  return removed === 0 ? { status: 'unchanged', detail: '' } : { status: 'done', detail: `${removed} deleted` }
}
