/** The index template that setup installs, put directly: for tests that need the mapping and not setup. */
import type { Client } from '@elastic/elasticsearch'
import { makeTemplates } from '../../src/delivery/template.js'

export async function installTemplates(client: Client): Promise<void> {
  for (const { kind, name, body } of makeTemplates()) {
    const path = kind === 'component' ? '_component_template' : '_index_template'
    await client.transport.request({ method: 'PUT', path: `/${path}/${name}`, body })
  }
}
