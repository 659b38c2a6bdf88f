/**
 * Every field that an event of ours can have: its type in the mapping, and whether it is an array. The index template, the
 * document writer and the check against ECS 9.4 all read this table; nothing else names a type.
 *
 * Types are core field types only, so that any Elasticsearch takes them (docs/decisions.md).
 */
export interface Field {
  readonly type: 'keyword' | 'text' | 'long' | 'float' | 'ip' | 'date' | 'boolean'
  readonly array?: true
  /** Searched as words too, by `<name>.text`. */
  readonly words?: true
  /** Kept in the document, not searchable. */
  readonly unindexed?: true
}

const table = {
  '@timestamp': { type: 'date' },
  message: { type: 'text' },
  tags: { type: 'keyword', array: true },

  'data_stream.dataset': { type: 'keyword' },
  'data_stream.namespace': { type: 'keyword' },
  'data_stream.type': { type: 'keyword' },
  'ecs.version': { type: 'keyword' },

  'email.from.address': { type: 'keyword', array: true },
  'email.local_id': { type: 'keyword' },
  'email.message_id': { type: 'keyword' },
  'email.subject': { type: 'keyword', words: true },
  'email.to.address': { type: 'keyword', array: true },

  'error.code': { type: 'keyword' },
  'error.message': { type: 'text' },
  'error.stack_trace': { type: 'keyword', words: true },
  'error.type': { type: 'keyword' },

  'event.action': { type: 'keyword' },
  'event.category': { type: 'keyword', array: true },
  'event.dataset': { type: 'keyword' },
  'event.duration': { type: 'long' },
  'event.end': { type: 'date' },
  'event.id': { type: 'keyword' },
  'event.kind': { type: 'keyword' },
  'event.module': { type: 'keyword' },
  'event.original': { type: 'keyword', unindexed: true },
  'event.outcome': { type: 'keyword' },
  'event.provider': { type: 'keyword' },
  'event.reason': { type: 'keyword' },
  'event.start': { type: 'date' },
  'event.timezone': { type: 'keyword' },
  'event.type': { type: 'keyword', array: true },

  'file.path': { type: 'keyword' },
  'host.name': { type: 'keyword' },

  'http.request.method': { type: 'keyword' },
  'http.response.body.bytes': { type: 'long' },
  'http.response.status_code': { type: 'long' },

  'log.file.path': { type: 'keyword' },
  'log.level': { type: 'keyword' },
  'log.offset': { type: 'long' },

  'mailman.alert.about': { type: 'keyword' },
  'mailman.alert.before': { type: 'keyword', array: true },
  'mailman.alert.count': { type: 'long' },
  'mailman.alert.evidence': { type: 'float' },
  'mailman.alert.examples': { type: 'keyword', array: true },
  'mailman.alert.held': { type: 'long' },
  'mailman.alert.key': { type: 'keyword' },
  'mailman.alert.kind': { type: 'keyword' },
  'mailman.alert.limit': { type: 'float' },
  'mailman.alert.lists': { type: 'long' },
  'mailman.alert.senders': { type: 'long' },
  'mailman.alert.severity': { type: 'keyword' },
  'mailman.alert.usual': { type: 'float' },
  'mailman.bounce.count': { type: 'long' },
  'mailman.bounce.score': { type: 'float' },
  'mailman.bounce.threshold': { type: 'float' },
  'mailman.csrf.issued_for': { type: 'keyword' },
  'mailman.culprit': { type: 'keyword' },
  'mailman.dmarc.domain': { type: 'keyword' },
  'mailman.dmarc.policy': { type: 'keyword' },
  'mailman.dmarc.record': { type: 'keyword' },
  'mailman.handler': { type: 'keyword' },
  'mailman.hold.reason': { type: 'keyword', array: true },
  'mailman.hold.reason_text': { type: 'keyword', words: true },
  'mailman.hold.request_id': { type: 'keyword' },
  'mailman.instance': { type: 'keyword' },
  'mailman.invitation.list': { type: 'keyword' },
  'mailman.line.bytes': { type: 'long' },
  'mailman.line.sha256': { type: 'keyword' },
  'mailman.list.display_name': { type: 'keyword' },
  'mailman.list.fqdn': { type: 'keyword' },
  'mailman.list.host': { type: 'keyword' },
  'mailman.list.name': { type: 'keyword' },
  'mailman.list.requested': { type: 'keyword' },
  'mailman.lock.file': { type: 'keyword' },
  'mailman.log': { type: 'keyword' },
  'mailman.message.size': { type: 'long' },
  'mailman.moderation.comment': { type: 'keyword', words: true },
  'mailman.pipeline': { type: 'keyword' },
  'mailman.runner.name': { type: 'keyword' },
  'mailman.runner.pid': { type: 'long' },
  'mailman.runner.signal': { type: 'keyword' },
  'mailman.runner.slice': { type: 'keyword' },
  'mailman.setting.name': { type: 'keyword' },
  'mailman.setting.value': { type: 'keyword' },
  'mailman.smtp.code': { type: 'keyword' },
  'mailman.smtp.enhanced_code': { type: 'keyword' },
  'mailman.smtp.recipients': { type: 'long' },
  'mailman.smtp.refused': { type: 'long' },
  'mailman.subject.raw': { type: 'keyword', unindexed: true },
  'mailman.subscribe.digest': { type: 'boolean' },
  'mailman.subscribe.via': { type: 'keyword' },
  'mailman.task.count': { type: 'long' },
  'mailman.usenet.article': { type: 'long' },
  'mailman.usenet.group': { type: 'keyword' },

  'process.exit_code': { type: 'long' },
  'process.name': { type: 'keyword' },
  'process.pid': { type: 'long' },
  'related.user': { type: 'keyword', array: true },
  'server.address': { type: 'keyword' },
  'server.port': { type: 'long' },
  'service.type': { type: 'keyword' },
  'source.address': { type: 'keyword' },
  'source.ip': { type: 'ip' },
  'source.port': { type: 'long' },
  'url.domain': { type: 'keyword' },
  'url.full': { type: 'keyword' },
  'url.path': { type: 'keyword' },

  'user.changes.email': { type: 'keyword' },
  'user.email': { type: 'keyword' },
  'user.full_name': { type: 'keyword', words: true },
  'user.name': { type: 'keyword' },
  'user_agent.original': { type: 'keyword' },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof table

export const fields: Readonly<Record<FieldName, Field>> = table
