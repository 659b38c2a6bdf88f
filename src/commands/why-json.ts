/** `why` for machines. */
import { explainState } from '../troubleshooting/message-words.js'
import type { Seen } from '../troubleshooting/seen.js'
import { explainMembership, type WhyAddress } from '../troubleshooting/why-address.js'
import type { Stretch, WhyList } from '../troubleshooting/why-list.js'
import type { WhyMessage } from '../troubleshooting/why-message.js'
import { traceJson } from './trace-json.js'

const iso = (ms: number): string => new Date(ms).toISOString()
export const spanJson = (span: WhyList['span']) => span && { from: iso(span.fromMs), to: iso(span.toMs) }

export function whyMessageJson({ trace, held }: WhyMessage): object {
  return {
    kind: 'message',
    ...traceJson(trace),
    held: held.map(({ life, reasons, like, scope }) => ({
      list: life.list,
      since: iso(life.hold!.timestampMs),
      state: life.state,
      meaning: explainState(life),
      reasons: reasons.map(({ slug, text, meaning, advice, option2, option3 }) => ({
        reason: slug,
        text,
        meaning,
        advice,
        option_mailman2: option2,
        option_mailman3: option3,
      })),
      like_it: like.map(({ hours, onList, all, lists, moreLists }) => ({
        hours,
        on_list: onList,
        all,
        lists,
        at_least: moreLists,
      })),
      scope,
    })),
  }
}

const eventJson = (event: Seen): object => ({
  at: iso(event.timestampMs),
  action: event.action,
  list: event.list,
  message_id: event.messageId,
  event_id: event.id,
  reason: event.holdText ?? event.reason ?? event.comment,
  code: event.code,
  error: event.error,
})

export function whyAddressJson(address: string, why: WhyAddress): object {
  return {
    kind: 'address',
    address,
    found: why.total > 0,
    events: why.total,
    events_read: why.shown,
    store: spanJson(why.span),
    memberships: why.memberships.map(membership => ({
      list: membership.list,
      since: iso(membership.last.timestampMs),
      action: membership.last.action,
      meaning: explainMembership(membership),
      bounces: membership.bounces,
      events: membership.events.map(eventJson),
    })),
    held_total: why.heldTotal,
    held: why.held.map(({ event, life }) => ({ ...eventJson(event), state: life?.state })),
    refused: why.refused.map(eventJson),
    posted: why.posted.length,
    other: why.other.map(eventJson),
  }
}

const stretchJson = ({ fromMs, toMs, held, posted, share }: Stretch): object => ({
  from: iso(fromMs),
  to: iso(toMs),
  held,
  posted,
  share,
})

export function whyListJson(why: WhyList): object {
  return {
    kind: 'list',
    list: why.list,
    found: why.total > 0,
    as_of: iso(why.atMs),
    store: spanJson(why.span),
    last_day: stretchJson(why.day),
    last_week: stretchJson(why.week),
    before: stretchJson(why.before),
    last_week_all_lists: stretchJson(why.everywhere),
    reasons: why.reasons.map(({ slug, count, usual }) => ({ reason: slug, count, usual })),
    waiting: { count: why.waiting.count, at_least: why.waiting.isCut, sure: why.waiting.sure.map(eventJson) },
  }
}
