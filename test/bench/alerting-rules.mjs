// The rules that others would use, put to the same stream event by event: Kibana's as shipped in deploy/kibana/rules.json,
// ElastAlert2's as shipped in deploy/elastalert2/rules, and a fixed share. All events are searchable at once here, which flatters
// them: Elasticsearch needs seconds.
import { fieldOf } from './alerting-events.mjs'

const MINUTE = 60_000
const DAY = 86_400_000
const NON_MEMBER = new Set(['post-by-non-member', 'nonmember-list'])
const ASKED = new Set(['message-held', 'message-posted', 'message-accepted', 'message-approved'])

/** What the rules ask of an event. */
export function seenOf(event) {
  const { action } = event.pattern
  if (!ASKED.has(action)) return undefined
  const reasons = action === 'message-held' ? [fieldOf(event, 'mailman.hold.reason')].flat() : []
  return {
    atMs: event.timestampMs,
    action,
    list: fieldOf(event, 'mailman.list.name'),
    sender: [fieldOf(event, 'email.from.address')].flat()[0] ?? '',
    isOfNonMember: reasons.some(reason => NON_MEMBER.has(reason)),
    isModerated: reasons.includes('post-to-moderated-list'),
  }
}

/** First in, first out, without moving what is left. */
class Queue {
  #items = []
  #first = 0
  push(item) {
    this.#items.push(item)
  }
  *takeUntil(ms) {
    while (this.#first < this.#items.length && this.#items[this.#first].atMs <= ms) yield this.#items[this.#first++]
    if (this.#first < 5000) return
    this.#items = this.#items.slice(this.#first)
    this.#first = 0
  }
  *[Symbol.iterator]() {
    for (let i = this.#first; i < this.#items.length; i++) yield this.#items[i]
  }
}

const add = (map, key, n) => {
  const sum = (map.get(key) ?? 0) + n
  if (sum === 0) map.delete(key)
  else map.set(key, sum)
}

/** `tell(list)`: null is the host. `minute` is called each minute of the clock. */
export const rules = {
  'Kibana, most held': tell => new KibanaMostHeld(tell),
  'Kibana, list held': tell => new KibanaListHeld(tell),
  'ElastAlert2, spike of holds': tell => new Spike(tell),
  'ElastAlert2, share of held': tell =>
    new Percentage(tell, { windowMs: 10 * MINUTE, least: 20, most: 50, members: true, againMs: 30 * MINUTE }),
  'ElastAlert2, nearly all held': tell =>
    new Percentage(tell, { windowMs: 10 * MINUTE, least: 20, most: 90, againMs: 60 * MINUTE }),
  'ElastAlert2, list all held': tell => new PercentageOfLists(tell),
  '50 % of 10 or more in 15 minutes': tell => new Share(tell, 0.5),
  '80 % of 10 or more in 15 minutes': tell => new Share(tell, 0.8),
  'list: 80 % of 4 or more in a day': tell => new ShareOfLists(tell),
}

/** Each minute over seven days; told with the second run in a row that finds it (alert_delay). */
class KibanaMostHeld {
  #recent = new Queue()
  #older = new Queue()
  #before = new Map()
  #runs = 0
  constructor(tell) {
    this.tell = tell
  }
  see(seen) {
    this.#recent.push(seen)
  }
  minute(nowMs) {
    for (const seen of this.#recent.takeUntil(nowMs - 15 * MINUTE)) {
      if (seen.action !== 'message-posted') continue
      add(this.#before, seen.sender, 1)
      this.#older.push(seen)
    }
    for (const { sender } of this.#older.takeUntil(nowMs - 7 * DAY)) add(this.#before, sender, -1)
    let held = 0
    let passed = 0
    let named = 0
    const known = new Set()
    for (const { action, sender } of this.#recent) {
      if (action === 'message-held') {
        held++
        if (sender !== '') named++
        if (sender !== '' && this.#before.has(sender)) known.add(sender)
      } else passed += action === 'message-approved' ? -1 : 1
    }
    const isMet =
      held >= 20 && held > passed && ((known.size >= 5 && 2 * known.size > passed) || (named === 0 && held > 4 * passed))
    this.#runs = isMet ? this.#runs + 1 : 0
    if (this.#runs === 2) this.tell(null)
  }
}

class KibanaListHeld {
  #recent = new Queue()
  #older = new Queue()
  /** Of the days before: posts by list and sender, holds and posts by list. */
  #before = new Map()
  #held = new Map()
  #posted = new Map()
  #recentlyHeld = new Map()
  #runs = 0
  #told = new Set()
  constructor(tell) {
    this.tell = tell
  }
  see(seen) {
    if (seen.action !== 'message-held' && seen.action !== 'message-posted') return
    this.#recent.push(seen)
    if (seen.action === 'message-held') add(this.#recentlyHeld, seen.list, 1)
  }
  minute(nowMs) {
    for (const seen of this.#recent.takeUntil(nowMs - 60 * MINUTE)) {
      this.#count(seen, 1)
      this.#older.push(seen)
      if (seen.action === 'message-held') add(this.#recentlyHeld, seen.list, -1)
    }
    for (const seen of this.#older.takeUntil(nowMs - 7 * DAY)) this.#count(seen, -1)
    const lists = new Map()
    for (const [list, n] of this.#recentlyHeld) if (n >= 5) lists.set(list, { known: new Set(), others: new Set() })
    for (const { action, list, sender } of lists.size === 0 ? [] : this.#recent) {
      const row = lists.get(list)
      if (row === undefined) continue
      const isKnown = this.#before.has(`${list} ${sender}`)
      if (action === 'message-held') {
        if (isKnown && sender !== '') row.known.add(sender)
      } else if (isKnown && !sender.startsWith(list)) row.others.add(sender)
    }
    const found = [...lists].filter(
      ([list, { known, others }]) =>
        known.size >= 4 && known.size > 3 * others.size && (this.#posted.get(list) ?? 0) > 2 * (this.#held.get(list) ?? 0),
    )
    this.#runs = found.length > 0 ? this.#runs + 1 : 0
    const now = new Set(this.#runs < 2 ? [] : found.map(([list]) => list))
    for (const list of now) if (!this.#told.has(list)) this.tell(list)
    this.#told = now
  }
  #count({ action, list, sender }, n) {
    if (action === 'message-held') add(this.#held, list, n)
    else {
      add(this.#posted, list, n)
      add(this.#before, `${list} ${sender}`, n)
    }
  }
}

/** A minute's count each minute, of the minute that ended a minute ago (query_delay); windows as in ruletypes.py. */
class Spike {
  #waiting = new Queue()
  #now = []
  #before = []
  #firstMs
  #quietUntilMs = 0
  constructor(tell) {
    this.tell = tell
  }
  see({ action, isOfNonMember, atMs }) {
    if (action === 'message-held' && !isOfNonMember) this.#waiting.push({ atMs })
  }
  minute(nowMs) {
    const atMs = nowMs - MINUTE
    this.#firstMs ??= atMs
    const count = [...this.#waiting.takeUntil(atMs)].length
    const push = (window, item, removed) => {
      window.push(item)
      while (window.at(-1).atMs - window[0].atMs >= 10 * MINUTE) removed(window.shift())
    }
    push(this.#now, { atMs, count }, old => push(this.#before, old, () => {}))
    if (atMs - this.#firstMs < 20 * MINUTE) return
    const sum = window => window.reduce((all, item) => all + item.count, 0)
    if (sum(this.#now) < 20 || sum(this.#now) < 3 * sum(this.#before)) return
    this.#before = []
    this.#firstMs = atMs
    if (nowMs < this.#quietUntilMs) return
    this.#quietUntilMs = nowMs + 60 * MINUTE
    this.tell(null)
  }
}

class Percentage {
  #waiting = new Queue()
  #window = new Queue()
  #quietUntilMs = 0
  constructor(tell, limits) {
    this.tell = tell
    this.limits = limits
  }
  see(seen) {
    const { action, isOfNonMember } = seen
    if (action !== 'message-held' && action !== 'message-posted') return
    if (!this.limits.members || !isOfNonMember) this.#waiting.push(seen)
  }
  minute(nowMs) {
    const { windowMs, least, most, againMs } = this.limits
    for (const seen of this.#waiting.takeUntil(nowMs - MINUTE)) this.#window.push(seen)
    for (const _ of this.#window.takeUntil(nowMs - MINUTE - windowMs));
    let held = 0
    let all = 0
    for (const { action } of this.#window) {
      all++
      if (action === 'message-held') held++
    }
    if (nowMs < this.#quietUntilMs || all < least || (100 * held) / all <= most) return
    this.#quietUntilMs = nowMs + againMs
    this.tell(null)
  }
}

class PercentageOfLists {
  #window = new Queue()
  #lists = new Map()
  #quietUntilMs = new Map()
  constructor(tell) {
    this.tell = tell
  }
  see(seen) {
    if (seen.action === 'message-posted' || (seen.action === 'message-held' && !seen.isOfNonMember && !seen.isModerated)) {
      this.#window.push(seen)
      this.#count(seen, 1)
    }
  }
  minute(nowMs) {
    for (const seen of this.#window.takeUntil(nowMs - MINUTE - 180 * MINUTE)) this.#count(seen, -1)
    for (const [list, { held, all }] of this.#lists) {
      if (all < 8 || (100 * held) / all <= 95 || nowMs < (this.#quietUntilMs.get(list) ?? 0)) continue
      this.#quietUntilMs.set(list, nowMs + DAY)
      this.tell(list)
    }
  }
  #count({ action, list }, n) {
    const row = this.#lists.get(list) ?? { held: 0, all: 0 }
    this.#lists.set(list, row)
    row.all += n
    if (action === 'message-held') row.held += n
    if (row.all === 0) this.#lists.delete(list)
  }
}

/** As soon as it is so, and again when it was not so for an hour. */
class Share {
  #window = new Queue()
  #held = 0
  #all = 0
  #lastMs = Number.NEGATIVE_INFINITY
  constructor(tell, share) {
    this.tell = tell
    this.share = share
  }
  see(seen) {
    if (seen.action !== 'message-held' && seen.action !== 'message-posted') return
    this.#window.push(seen)
    this.#all++
    if (seen.action === 'message-held') this.#held++
    for (const { action } of this.#window.takeUntil(seen.atMs - 15 * MINUTE)) {
      this.#all--
      if (action === 'message-held') this.#held--
    }
    if (this.#all < 10 || this.#held < this.share * this.#all) return
    if (seen.atMs - this.#lastMs > 60 * MINUTE) this.tell(null)
    this.#lastMs = seen.atMs
  }
  minute() {}
}

class ShareOfLists {
  #lists = new Map()
  constructor(tell) {
    this.tell = tell
  }
  see({ action, list, atMs }) {
    if (action !== 'message-held' && action !== 'message-posted') return
    const row = this.#lists.get(list) ?? { window: new Queue(), held: 0, all: 0, lastMs: Number.NEGATIVE_INFINITY }
    this.#lists.set(list, row)
    const count = (isHeld, n) => {
      row.all += n
      if (isHeld) row.held += n
    }
    row.window.push({ atMs, isHeld: action === 'message-held' })
    count(action === 'message-held', 1)
    for (const { isHeld } of row.window.takeUntil(atMs - DAY)) count(isHeld, -1)
    if (row.all < 4 || row.held < 0.8 * row.all) return
    if (atMs - row.lastMs > DAY) this.tell(list)
    row.lastMs = atMs
  }
  minute() {}
}
