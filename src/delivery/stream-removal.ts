/** The data streams of one namespace: what they hold, and the steps that delete them for ever. Each is named; nothing else is. */
import type { Client } from '@elastic/elasticsearch'
import { streamNames } from './privileges.js'
import { perform } from './request.js'
import { datasetIn } from './retention.js'
import type { StepPlan } from './step.js'

/** What an account needs on the streams, to see what they hold and to delete them. */
export const streamRemovalRights = ['view_index_metadata', 'monitor', 'delete_index']

export interface StreamFound {
  readonly name: string
  readonly events: number
  /** On disk, with replicas. */
  readonly bytes: number
}

/** By name. `*` takes in more than one namespace (`logs-mailman.x-other-default`), so each name is looked at. @throws the client's error */
export async function findStreams(client: Client, namespace: string): Promise<StreamFound[]> {
  const answer = await perform(client, { method: 'GET', path: `/_resolve/index/${streamNames(namespace).join()}` })
  const { data_streams = [] } = answer as { data_streams?: { name: string }[] }
  const names = data_streams.map(({ name }) => name).filter(name => datasetIn(name, namespace) !== undefined)
  const found: StreamFound[] = []
  for (const name of names.sort()) {
    const stats = await perform(client, { method: 'GET', path: `/${name}/_stats/docs,store?forbid_closed_indices=false` })
    const { _all: all } = stats as {
      _all?: { primaries?: { docs?: { count: number } }; total?: { store?: { size_in_bytes: number } } }
    }
    found.push({ name, events: all?.primaries?.docs?.count ?? 0, bytes: all?.total?.store?.size_in_bytes ?? 0 })
  }
  return found
}

export function planStreamRemoval(client: Client, streams: readonly StreamFound[]): StepPlan[] {
  return streams.map(({ name, events }) => ({
    name: `data stream ${name}`,
    needed: true,
    missing: [],
    async run() {
      await perform(client, { method: 'DELETE', path: `/_data_stream/${name}` })
      return { status: 'done', detail: `deleted, ${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}` }
    },
  }))
}
