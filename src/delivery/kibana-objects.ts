/**
 * The saved objects of deploy/kibana: sent as one file, which Kibana takes in part where it must. Whether they are there already is
 * read from the mark in the first dashboard's description, so that what people changed in them stays until a new version comes.
 */
import { ShipperError } from '../errors.js'
import { askKibana, type Kibana, type KibanaRequest, reasonOf } from './kibana-connection.js'
import type { StepStatus } from './step.js'

export interface SavedObjects {
  /** Lines of JSON. */
  readonly text: string
  readonly ids: readonly { readonly type: string; readonly id: string }[]
  /** Says which version of them it is. */
  readonly mark: string
}

/** @throws ShipperError MLS_SETUP_FAILED where the file is not what this version came with */
export function readObjects(text: string): SavedObjects {
  const mark = /\(assets [\da-f]{12}\)/.exec(text)?.[0]
  if (mark === undefined) throw new ShipperError('MLS_SETUP_FAILED', 'mailman.ndjson is damaged: install mailman-shipper again')
  const ids = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { type: string; id: string })
    .map(({ type, id }) => ({ type, id }))
  return { text, ids, mark }
}

export const importObjects = (space: string, text: string): KibanaRequest => ({
  method: 'POST',
  path: `/s/${space}/api/saved_objects/_import?overwrite=true`,
  file: { name: 'mailman.ndjson', text },
})

export async function installObjects(
  kibana: Kibana,
  space: string,
  objects: SavedObjects,
): Promise<{ status: StepStatus; detail: string }> {
  const before = await find(kibana, space, objects)
  if (before === 'same') return { status: 'unchanged', detail: '' }
  const answer = await askKibana(kibana, importObjects(space, objects.text))
  if (answer.status === 401 || answer.status === 403) {
    return {
      status: 'refused',
      detail: `the account lacks the Kibana privilege Saved Objects Management (all) in the space ${space} (${reasonOf(answer)})`,
    }
  }
  const result = answer.body as ImportResult | undefined
  if (answer.status !== 200 || typeof result?.success !== 'boolean') return { status: 'failed', detail: reasonOf(answer) }
  const refused = (result.errors ?? []).map(describe(objects))
  if (!result.success || refused.length > 0) {
    return {
      status: 'failed',
      detail: `Kibana took ${result.successCount ?? 0} of ${objects.ids.length}; not ${refused.join(', ')}`,
    }
  }
  const moved = (result.successResults ?? []).filter(({ destinationId }) => destinationId !== undefined).length
  const where = `${objects.ids.length} in the space ${space}`
  if (moved > 0) {
    const why =
      'another space has objects of these ids (an earlier import there?): delete those and repeat, for links lead to the ids'
    return { status: 'done', detail: `${where}; ${moved} of them under other ids, as ${why}` }
  }
  return { status: 'done', detail: before === 'none' ? where : `${where}; those that were there are replaced` }
}

interface ImportResult {
  readonly success?: unknown
  readonly successCount?: number
  readonly errors?: readonly { readonly type?: unknown; readonly id?: unknown; readonly error?: { readonly type?: unknown } }[]
  readonly successResults?: readonly { readonly destinationId?: unknown }[]
}

/** In words of ours: its id if it is one that was sent, and the name of the error. */
const describe =
  ({ ids }: SavedObjects) =>
  ({ type, id, error }: NonNullable<ImportResult['errors']>[number]): string => {
    const sent = ids.find(one => one.type === type && one.id === id)
    const reason = /^[a-z_]{1,40}$/.exec(String(error?.type ?? ''))?.[0] ?? 'for a reason it did not tell'
    return `${sent === undefined ? 'another object' : `${sent.type} ${sent.id}`} (${reason})`
  }

/** What is there of them; `none` also where the account may not look. */
async function find(kibana: Kibana, space: string, { ids, mark }: SavedObjects): Promise<'none' | 'same' | 'other'> {
  const answer = await askKibana(kibana, {
    method: 'POST',
    path: `/s/${space}/api/saved_objects/_export`,
    body: { objects: ids, excludeExportDetails: true },
  })
  if (answer.status !== 200) return 'none'
  const has = ids.every(({ id }) => answer.text.includes(JSON.stringify(id)))
  return has && answer.text.includes(mark) ? 'same' : 'other'
}
