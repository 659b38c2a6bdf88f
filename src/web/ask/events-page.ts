/** A list's events: found by words, kind, address and time. Forms and links alone; what comes next is told by a time. */
import type { EventStore } from '../../store/query.js'
import type { Time } from '../page/time.js'
import { type FormsOf, readAsked, readParameters } from '../query.js'
import { type Markup, markup } from './markup.js'
import { eventMarkup } from './parts.js'

const ROWS = 50
const kinds = ['vette', 'post', 'smtp', 'smtp_failure', 'bounce', 'subscribe', 'error', 'core']

/** @param store with this list's events and no others  @throws ShipperError MLS_WEB_QUERY */
export async function eventsPage(
  store: EventStore,
  parameters: URLSearchParams,
  { time, formsOf }: { readonly time: Time; readonly formsOf: FormsOf },
): Promise<Markup> {
  const given = readParameters(parameters)
  const asked = new URLSearchParams()
  for (const name of ['q', 'log', 'action', 'reason', 'address', 'since', 'until']) {
    const value = given.get(name)
    if (value !== undefined) asked.set(name, value)
  }
  // As a browser's own field for times has it: in the zone of the logs.
  for (const name of ['since', 'until']) {
    const local = asked.get(name) ?? ''
    const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(local) ? time.fromInput(local) : undefined
    if (ms !== undefined) asked.set(name, new Date(ms).toISOString())
  }
  const { query } = readAsked(asked, formsOf)
  const { total, hits } = await store.search({ ...query, limit: ROWS, order: 'newest' })
  const [first, last] = [hits[0], hits.at(-1)]
  const older = new URLSearchParams(asked)
  if (first !== undefined && last !== undefined)
    // Events of the last row's instant come once more, rather than be left out; where all are of one instant, the next one follows.
    older.set('until', new Date(last.timestampMs + Number(first.timestampMs > last.timestampMs)).toISOString())
  const local = (ms: number | undefined): string => (ms === undefined ? '' : time.toInput(ms))
  return markup`<h1>Events of the list</h1>
<search><form action="events" autocomplete="off">
<label class="wide">Words <input name="q" type="search" maxlength="500" value="${asked.get('q') ?? ''}" placeholder="all that must occur; wor* for a beginning"></label>
<label class="short">Kind <select name="log"><option value="">all</option>${kinds.map(kind => markup`<option value="${kind}"${kind === asked.get('log') ? markup` selected` : ''}>${kind.replace('_', ' ')}</option>`)}</select></label>
<label>Address <input name="address" type="text" inputmode="email" maxlength="320" value="${asked.get('address') ?? ''}" spellcheck="false"></label>
<label class="half">From <input name="since" type="datetime-local" step="1" value="${local(query.sinceMs)}"></label>
<label class="half">To <input name="until" type="datetime-local" step="1" value="${local(query.untilMs)}"></label>
<button type="submit" class="main">Search</button>
</form></search>
<h2>${total.toLocaleString('en')} ${total === 1 ? 'event' : 'events'}, the newest first</h2>
<ol class="rows">${hits.map(hit => eventMarkup(hit, time.say))}</ol>
${total > hits.length ? markup`<p><a href="events?${older.toString()}">Older ones</a></p>` : ''}`
}
