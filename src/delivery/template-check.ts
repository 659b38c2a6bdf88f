/** Whether the index template is there, asked before anything is written: without it the server would guess the types (F59). */
import type { estypes } from '@elastic/elasticsearch'
import { type Client, errors } from './elastic.js'
import { managedBy, templateName } from './template.js'

/**
 * - `ours`, `missing`
 * - `foreign`: one of that name without our mark
 * - `hidden`: the key may not look
 */
export type TemplateState = 'ours' | 'missing' | 'foreign' | 'hidden'

/** @param name default: that of the logs  @throws the client's error where nothing can be said */
export async function findTemplate(client: Client, signal?: AbortSignal, name = templateName): Promise<TemplateState> {
  try {
    // Not `client.indices`: the agent asks this alone of all that is there, and it would stay in memory.
    const request = { method: 'GET', path: `/_index_template/${name}` }
    const answer = await client.transport.request<estypes.IndicesGetIndexTemplateResponse>(request, signal ? { signal } : {})
    return answer.index_templates?.[0]?.index_template?._meta?.managed_by === managedBy ? 'ours' : 'foreign'
  } catch (error) {
    if (error instanceof errors.ResponseError && error.headers?.['x-elastic-product'] === 'Elasticsearch') {
      if (error.statusCode === 404) return 'missing'
      if (error.statusCode === 403) return 'hidden'
    }
    throw error
  }
}
