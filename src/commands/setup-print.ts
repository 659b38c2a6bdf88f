/** `setup --print`: the requests that setup would send, for an administrator who trusts their own hands more. */
import { putAgentStream, putTemplate } from '../delivery/index-setup.js'
import { putRole } from '../delivery/reader-role.js'
import { printRequest, type Request } from '../delivery/request.js'
import { type Retention, retentionRequests } from '../delivery/retention.js'
import { makeTemplates } from '../delivery/template.js'
import { type KeyRequest, postKey } from '../delivery/writer-key.js'
import type { SetupIo, SetupOptions } from './setup.js'
import { kibanaByHand, kibanaImport, kibanaRequests } from './setup-kibana.js'

export async function printAll(
  key: KeyRequest,
  { json, kibana, kibanaObjects }: SetupOptions,
  retention: Retention,
  io: SetupIo,
): Promise<void> {
  const { namespace } = key.config
  const { templates, streams } = retentionRequests(namespace, retention)
  const inKibana = kibana === undefined ? [] : await kibanaRequests(namespace, kibanaObjects)
  const requests: readonly Request[] = [
    ...[...makeTemplates().map(putTemplate), ...templates],
    ...[putAgentStream(namespace), putRole(namespace), ...inKibana, postKey(key)],
  ]
  if (json) {
    const all = [...requests, ...streams]
    io.out(JSON.stringify(kibana === undefined ? all : [...all, kibanaImport(kibanaObjects)]))
    return
  }
  io.out('# For an administrator: send these, for example in Kibana’s console (Dev Tools).')
  for (const request of requests) io.out(`\n${printRequest(request)}`)
  if (kibana !== undefined) io.out(`\n${kibanaByHand(kibanaObjects)}`)
  io.out(`\n# Then write the last answer's "encoded" into ${key.path} on ${key.host}, mode 600.`)
  if (streams.length === 0) return
  io.out('\n# Data streams that are there have a retention of their own (404: there is none yet, and nothing to do):')
  for (const request of streams) io.out(`\n${printRequest(request)}`)
}
