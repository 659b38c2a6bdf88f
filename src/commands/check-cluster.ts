/** What `check` finds on the cluster: every node, the template, the rights of the key. Nothing is written there. */
import type { ElasticsearchConfig } from '../config/options.js'
import { type Connection, connect } from '../delivery/client.js'
import { orUndefined } from '../delivery/index-setup.js'
import { findMissing, mayLookUp, writerRights } from '../delivery/privileges.js'
import { agentTemplateName, templateName } from '../delivery/template.js'
import { findTemplate, type TemplateState } from '../delivery/template-check.js'
import { readTrouble } from '../delivery/trouble.js'
import { errors, ShipperError } from '../errors.js'
import { type Finding, ok, problem, warning } from './check-host.js'

const subject = 'elasticsearch'

const LOOKS = 'the key may look up what is stored: nothing is stored twice, also after a rollover'
const LOOKS_NOT =
  'the key may not look up what is stored: what is sent again after a rollover is stored twice (`setup --allow-lookup` gives it the right to)'

export async function checkCluster(config: ElasticsearchConfig): Promise<Finding[]> {
  const findings: Finding[] = []
  let isAnswered = false
  for (const node of config.nodes) {
    try {
      const connection = await connect({ ...config, nodes: [node] })
      try {
        findings.push(ok(subject, sayNode(node, connection)))
        // The nodes are of one cluster: what is in it is asked once.
        if (!isAnswered) findings.push(...(await checkInside(connection, config)))
        isAnswered = true
      } finally {
        await connection.close()
      }
    } catch (error) {
      findings.push(await describe(error, node, config))
    }
  }
  return findings
}

function sayNode(node: string, { version, compatibility }: Connection): string {
  const transport = new URL(node).protocol === 'https:' ? 'TLS verified' : 'without TLS'
  return `${node}: Elasticsearch ${version ?? '(version hidden)'}, spoken to as version ${compatibility}, ${transport}`
}

async function checkInside({ client }: Connection, config: ElasticsearchConfig): Promise<Finding[]> {
  const findings = [describeTemplate(await findTemplate(client), templateName)]
  if (config.agentMetrics)
    findings.push(describeTemplate(await findTemplate(client, undefined, agentTemplateName), agentTemplateName))
  const rights = writerRights(false)
  // A server without security does not know the question.
  const missing = await orUndefined(findMissing(client, rights, config.namespace), [400, 404, 405])
  if (missing === undefined)
    findings.push(warning(subject, 'security is off: anybody may read and write', 'Turn it on, where others can reach it.'))
  else if (missing.length > 0) findings.push(problem(subject, `the key lacks: ${missing.join('; ')}`, 'MLS_OUTPUT_FORBIDDEN'))
  else {
    findings.push(ok(subject, `the key may write logs-mailman.*-${config.namespace}`))
    findings.push(ok(subject, (await mayLookUp(client, config.namespace)) ? LOOKS : LOOKS_NOT))
  }
  return findings
}

function describeTemplate(state: TemplateState, template: string): Finding {
  const name = `index template ${template}`
  switch (state) {
    case 'ours':
      return ok(subject, `${name} is there`)
    case 'missing':
      // The agent ships without the one for its own figures.
      return template === agentTemplateName
        ? warning(subject, `${name} is missing`, errors.MLS_AGENT_FIGURES.remedy)
        : problem(subject, `${name} is missing`, 'MLS_OUTPUT_TEMPLATE')
    case 'foreign':
      return warning(subject, `${name} is not ours`, 'Fields may get other types; `mailman-shipper setup` tells more.')
    case 'hidden':
      return warning(subject, `the key may not look at the ${name}`, 'Give the key the cluster privilege `monitor`.')
  }
}

async function describe(error: unknown, node: string, config: ElasticsearchConfig): Promise<Finding> {
  const { code, detail } = error instanceof ShipperError ? error : (await readTrouble(error, config.caFile)).holdUp
  return problem(subject, `${node}: ${detail}`, code)
}
