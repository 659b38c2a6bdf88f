/** What an agent says of itself when all is wrong at once: every field of the table has a value. */
import type { AgentStatus } from '../../src/checkpoint/status-file.js'
import { makeAgentDocument } from '../../src/diagnostics/agent-document.js'
import type { Document } from './kibana-query.js'

const at = '2026-11-20T12:00:00.000Z'
const since = '2026-11-20T11:00:00.000Z'

export const statusInTrouble: AgentStatus = {
  at,
  startedAt: '2026-11-20T10:00:00.000Z',
  pid: 7,
  version: '0.1.0',
  output: 'elasticsearch',
  holdUp: { code: 'MLS_OUTPUT_READONLY', detail: '429 cluster_block_exception', since },
  blocked: [{ path: '/var/log/mailman/post', code: 'EACCES' }],
  troubles: [{ code: 'MLS_STATE_UNWRITABLE', detail: '/var/lib/mailman-shipper (ENOSPC)', since }],
  moments: [],
  lastDeliveryAt: since,
  counts: { stored: 100, duplicates: 5, setAside: 2 },
  events: { vette: { 'message-held': 90, none: 8, suspect: 2 }, archive: { none: 7, suspect: 0 } },
  setAsideReasons: { '400 document_parsing_exception': 2 },
  delivery: { requests: 30, retries: { MLS_OUTPUT_READONLY: 20, MLS_OUTPUT_BUSY: 1 } },
  troubleSeconds: { MLS_OUTPUT_READONLY: 3_600 },
  losses: { lostBytes: 50, goneFiles: 1, holeBytes: 0 },
  checkpoint: { writtenAt: since, failures: 4 },
  openFiles: 2,
  files: [
    { log: 'vette', path: '/logs/vette', state: 'present', compressed: false, offset: 0, size: 10, lagBytes: 10, lagSeconds: 60 },
    {
      log: 'post',
      path: '/logs/post',
      state: 'present',
      compressed: false,
      offset: 0,
      size: 20,
      lagBytes: 20,
      lagSeconds: 3_600,
    },
  ],
}

export function agentInTrouble(): Document {
  const usage = { cpuSeconds: 9.5, busySeconds: 8, memoryBytes: 90e6, heapBytes: 20e6, delaySeconds: 0.25 }
  const site = { hostName: 'lists1', instance: 'main', namespace: 'default' }
  return makeAgentDocument({ status: statusInTrouble, usage, moment: 'info', site }, undefined) as Document
}
