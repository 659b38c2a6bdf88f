// `setup --keep-days --keep-days-of` on the servers of setup.test.ts: what streams to come will take.
import type { Test } from 'tap'
import type { Connection } from '../../src/delivery/client.js'
import { perform } from '../../src/delivery/request.js'
import type { Site } from '../support/setup.js'

/** Leaves three templates behind. */
export async function retains(t: Test, site: Site, admin: Connection): Promise<void> {
  const { namespace } = site.config
  const retentionOf = async (stream: string) => {
    const path = `/_index_template/_simulate_index/${stream}`
    const isAgent = stream.startsWith('metrics')
    const { template } = (await perform(admin.client, { method: 'POST', path })) as {
      template: { lifecycle?: { data_retention?: string }; settings: object; mappings: object }
    }
    t.match(template.settings, { index: { codec: 'best_compression' } }, `${stream}: all else is as in the others`)
    t.match(template.mappings, { dynamic: 'false', properties: isAgent ? {} : { message: { type: 'text' } } })
    return template.lifecycle?.data_retention
  }
  const agent = async (text: string) => {
    await site.setup({ keepDaysOf: [text] })
    return retentionOf(`metrics-mailman.agent-${namespace}`)
  }
  const chosen = async (end: string) => ({
    subscribe: await retentionOf(`logs-mailman.subscribe-${end}`),
    smtp: await retentionOf(`logs-mailman.smtp-${end}`),
  })
  t.same(await chosen(namespace), { subscribe: '90d', smtp: '90d' })
  const first = await site.setup({ keepDays: 30, keepDaysOf: ['subscribe=365'] })
  t.equal(first.code, 0)
  t.match(first.lines.join('\n'), /done +retention of subscribe: 365 days\ndone +retention of other logs: 30 days\n/)
  t.same(await chosen(namespace), { subscribe: '365d', smtp: '30d' })
  t.same(await chosen(`other${namespace}`), { subscribe: '90d', smtp: '90d' }, 'another namespace has its own')

  const second = await site.setup()
  t.match(
    second.lines.join('\n'),
    /unchanged retention of subscribe: 365 days, as set before\nunchanged .*: 30 days, as set before\n/,
  )
  t.same(await chosen(namespace), { subscribe: '365d', smtp: '30d' }, 'setup without a flag changes nothing')
  t.match((await site.setup({ keepDays: 60 })).lines.join('\n'), /done +retention of other logs: 60 days, 30 before/)
  t.same(await chosen(namespace), { subscribe: '365d', smtp: '60d' })

  t.equal(await agent('agent=14'), '14d')
  await t.rejects(site.setup({ keepDaysOf: ['subscrib=1'] }), { code: 'MLS_USAGE_INVALID', message: /did you mean subscribe/ })
  const { lines } = await site.setup({ print: true, keepDaysOf: ['subscribe=365'], json: true })
  const printed = JSON.parse(lines.join('')) as { path: string; body: object }[]
  t.match(
    printed.find(({ path }) => path === `/_index_template/logs-mailman.subscribe-${namespace}`),
    { body: { template: { lifecycle: { data_retention: '365d' } } } },
  )
  t.match(printed.at(-1), { path: `/_data_stream/logs-mailman.subscribe-${namespace}/_lifecycle` })
}
