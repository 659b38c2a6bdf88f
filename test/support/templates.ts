/** A namespace of its own on a real server, with the index template that setup installs put directly: for tests that need no setup. */
import type { Client } from '@elastic/elasticsearch'
import type { Test } from 'tap'
import { connect } from '../../src/delivery/client.js'
import { makeTemplates } from '../../src/delivery/template.js'
import { makeConfig } from './batch.js'
import { makeNamespace, startElasticsearch, type TestElasticsearch } from './elasticsearch.js'

export interface Namespace {
  readonly server: TestElasticsearch
  readonly namespace: string
  /** The superuser. */
  readonly client: Client
}

/** Let go with the test. */
export async function startNamespace(t: Test, options: { readonly version?: '9.5.0' | '8.19.0' } = {}): Promise<Namespace> {
  const server = await startElasticsearch(options)
  t.teardown(() => server.stop())
  const namespace = makeNamespace()
  const config = makeConfig(server.url, { caFile: server.caFile, compression: 'none', namespace })
  const { client, close } = await connect(config, { credentials: { username: server.user, password: server.password } })
  t.teardown(close)
  await installTemplates(client)
  return { server, namespace, client }
}

async function installTemplates(client: Client): Promise<void> {
  for (const { kind, name, body } of makeTemplates()) {
    const path = kind === 'component' ? '_component_template' : '_index_template'
    await client.transport.request({ method: 'PUT', path: `/${path}/${name}`, body })
  }
}
