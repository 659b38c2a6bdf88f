/** F56: TLS is verified whatever the environment says: no variable of a shell makes the key go to a stranger. */
import { join } from 'node:path'
import t from 'tap'
import { runProgram } from '../support/agent-process.js'
import { makeConfig } from '../support/batch.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { makeAgentSite } from '../support/site-config.js'
import { makeCertificate, startTlsFront } from '../support/tls-front.js'

t.test('NODE_TLS_REJECT_UNAUTHORIZED=0', async t => {
  const directory = t.testdir({})
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  await makeCertificate(join(directory, 'stranger'), 'localhost')
  const front = await startTlsFront(join(directory, 'stranger'), 'localhost', Number(new URL(server.url).port))
  t.teardown(() => front.close())
  const { apiKeyFile } = makeConfig(front.url)
  const site = makeAgentSite(directory, { elasticsearch: { nodes: [front.url], ...(apiKeyFile && { apiKeyFile }) } })
  const { code, stdout } = await runProgram(['check', '--json', '--config', site.configFile], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  })
  const { findings } = JSON.parse(stdout) as { findings: { subject: string; code?: string }[] }
  t.equal(findings.find(({ subject }) => subject === 'elasticsearch')?.code, 'MLS_OUTPUT_TLS')
  t.not(code, 0)
})
