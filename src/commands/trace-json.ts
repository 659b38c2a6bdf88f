/** The lives of a message for machines: times as ISO 8601, texts as they are. */
import type { MessageTrace } from '../troubleshooting/ask-message.js'
import type { Life } from '../troubleshooting/life.js'
import { explainState } from '../troubleshooting/message-words.js'
import type { Step } from '../troubleshooting/steps.js'

const iso = (ms: number): string => new Date(ms).toISOString()

export function traceJson({ messageId, total, shown, lives, span, shunted }: MessageTrace): object {
  const firstMs = Math.min(...lives.map(({ steps }) => steps[0]!.event.timestampMs))
  return {
    message_id: messageId,
    found: total > 0,
    events: total,
    events_read: shown,
    store: span && { from: iso(span.fromMs), to: iso(span.toMs) },
    ...(total > 0 ? {} : { shunted_in_store: shunted }),
    lives: lives.map(life => lifeJson(life, firstMs)),
  }
}

export function lifeJson(life: Life, firstMs: number): object {
  const { list, mailman, state, recipients, refused, steps, refusals } = life
  return {
    list,
    mailman,
    state,
    meaning: explainState(life),
    recipients,
    refused,
    steps: steps.map(step => stepJson(step, firstMs)),
    refusals: refusals.map(({ address, code, text, isFinal, isSettled, tries, lastMs, inferred, others }) => ({
      address,
      code,
      text,
      final: isFinal,
      later_not_refused: isSettled,
      tries,
      last: iso(lastMs),
      inferred,
      other_candidates: others,
    })),
  }
}

function stepJson({ kind, event, inferred, others }: Step, firstMs: number): object {
  return {
    at: iso(event.timestampMs),
    after_seconds: (event.timestampMs - firstMs) / 1000,
    step: kind,
    action: event.action,
    host: event.host,
    log: event.dataset,
    event_id: event.id,
    sender: event.sender,
    to: event.recipients.length === 0 ? undefined : event.recipients,
    hold_reasons: event.holdReasons.length === 0 ? undefined : event.holdReasons,
    reason: event.holdText ?? event.reason ?? event.comment,
    handler: event.handler,
    recipients: event.recipientCount,
    refused: event.refusedCount,
    code: event.code,
    error: event.error,
    seconds: event.seconds,
    inferred,
    other_candidates: others > 0 ? others : undefined,
    suspect: event.isSuspect ? true : undefined,
  }
}
