// The agent's document about itself: each figure of the table has its value, and nothing of the host's files is in it.
import t from 'tap'
import { figures, makeAgentDocument } from '../../src/diagnostics/agent-document.js'
import { agentInTrouble, statusInTrouble } from '../support/agent-in-trouble.js'
import { valuesOf } from '../support/kibana-query.js'

const document = agentInTrouble()

t.test('all is wrong at once', async t => {
  t.same(
    Object.keys(figures).filter(name => valuesOf(document, name).length === 0),
    [],
    'every field has a value',
  )
  t.match(document, {
    '@timestamp': statusInTrouble.at,
    mailman: {
      agent: {
        uptime: { seconds: 7_200 },
        period: { seconds: 7_200 },
        held_up: true,
        hold_up: { code: 'MLS_OUTPUT_READONLY', seconds: 3_600 },
        troubles: ['MLS_OUTPUT_READONLY', 'MLS_FILE_UNREADABLE', 'MLS_STATE_UNWRITABLE'],
        lag: { bytes: 30, seconds: 3_600, log: 'post' },
        events: { stored: 100, known: 5, set_aside: 2, read: 107, unparsed: 8, suspect: 2 },
        lost: { bytes: 50, files: 1 },
        retries: 21,
        checkpoint: { age: { seconds: 3_600 }, failures: 4 },
      },
    },
  })
  t.notMatch(JSON.stringify(document), /\/(?:var|logs)|ENOSPC|cluster_block/, 'codes only: no path, no text of another')
})

t.test('what grows: since the document before, and since the start', async t => {
  const usage = { cpuSeconds: 1.25, busySeconds: 1, memoryBytes: 1, heapBytes: 1, delaySeconds: 0 }
  const site = { hostName: 'lists1', instance: 'main', namespace: 'default' }
  const before = { status: statusInTrouble, usage, moment: 'info', site } as const
  const status = { ...statusInTrouble, at: '2026-11-20T12:01:00.000Z', counts: { stored: 107, duplicates: 5, setAside: 2 } }
  const next = makeAgentDocument({ ...before, status, usage: { ...usage, cpuSeconds: 1.35 } }, before)
  t.match(next, {
    mailman: {
      agent: {
        period: { seconds: 60 },
        events: { stored: 7, known: 0 },
        cpu: { seconds: 0.1 },
        total: { events: { stored: 107, known: 5 }, cpu: { seconds: 1.35 } },
      },
    },
  })
})
