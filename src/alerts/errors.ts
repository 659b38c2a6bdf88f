/** Actions that say that Mailman itself failed at something; not what strangers and robots provoke any day. */
import type { ActionName } from '../../parsers/_actions.js'

export const ERRORS: ReadonlySet<ActionName> = new Set<ActionName>([
  'error-raised',
  'message-shunted',
  'message-shunt-failed',
  'queue-error',
  'queue-file-preserved',
  'config-error',
  'list-config-corrupt',
  'handler-error',
  'digest-failed',
  'archive-error',
  'template-error',
  'mta-map-failed',
  'runner-error',
  'runner-restart-limit',
  'lock-error',
  'api-request-crashed',
])
