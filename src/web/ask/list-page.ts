/** A list at a glance: what waits for a moderator as the logs know it, why mail is held, bounces. */
import type { EventStore } from '../../store/query.js'
import { read } from '../../troubleshooting/ask-message.js'
import { groupByList, makeLife } from '../../troubleshooting/life.js'
import { whereToDecide, wordsOfReason } from '../../troubleshooting/message-words.js'
import type { Seen } from '../../troubleshooting/seen.js'
import { askWhyList, type Stretch, type WhyList } from '../../troubleshooting/why-list.js'
import { type Markup, markup } from './markup.js'
import { adviceMarkup, eventMarkup, messageAddress, spoken, timeMarkup } from './parts.js'

const MAX_CHECKED = 60
const MAX_WAITING = 20
const MAX_BOUNCES = 20
const MAX_LINES = 200

/** @param store with this list's events and no others  @param value the list, as a store is asked for it */
export async function listPage(
  store: EventStore,
  value: string,
  title: string,
  { nowMs, say }: { readonly nowMs: number; readonly say: (ms: number) => string },
): Promise<Markup> {
  const why = await askWhyList(store, value, nowMs)
  const newest = why.waiting.sure.slice(-MAX_CHECKED)
  const waiting: Seen[] = []
  for (const hold of newest) if (await stillWaits(store, hold)) waiting.push(hold)
  const count = why.waiting.count - (newest.length - waiting.length)
  const most = waiting.length < count || why.waiting.isCut ? 'At most ' : ''
  const shown = waiting.slice(-MAX_WAITING).toReversed()
  const bounces = await store.search({ dataset: 'mailman.bounce', limit: MAX_BOUNCES, order: 'newest' })
  return markup`<h1>${title}</h1>
<p class="lead">${why.isPast ? `The newest event is of ${say(why.atMs - 1)}: this is how it was then. ` : ''}In the last 7 days: ${share(why.week)}. In the last day: ${share(why.day)}. ${before(why)}</p>
<section aria-labelledby="waits">
<h2 id="waits">${count === 0 ? 'Nothing waits for a moderator' : `${most}${count} ${count === 1 ? 'post waits' : 'posts wait'} for a moderator`}</h2>
<p class="note">As the logs of the last ${why.waitingDays} days tell; the queue itself was not looked at. A moderator decides in ${whereToDecide[why.mailman ?? '2.1']}.${waiting.length < count ? ` On ${waiting.length} of them certainly no decision was logged.` : ''}${shown.length < waiting.length ? ` The newest ${shown.length} are shown.` : ''}</p>
${shown.length === 0 ? '' : markup`<ul class="rows">${shown.map(hold => holdMarkup(hold, say))}</ul>`}
</section>
<section aria-labelledby="why">
<h2 id="why">${why.reasons.length === 0 ? 'Nothing was held in these 7 days' : 'Why mail was held'}</h2>
${why.reasons.map(({ slug, count, usual }) => adviceMarkup(`${spoken(slug)}: ${count}${usual === undefined ? '' : `, usually ${usual < 0.05 ? 'none' : usual.toFixed(1)}`}.`, wordsOfReason(slug)))}
</section>
<section aria-labelledby="bounces">
<h2 id="bounces">${bounces.total === 0 ? 'No bounces are known' : 'Bounces'}</h2>
${bounces.hits.length === 0 ? '' : markup`<ol class="rows">${bounces.hits.map(hit => eventMarkup(hit, say))}</ol>`}
${bounces.total > bounces.hits.length ? markup`<p><a href="events?log=bounce">All ${bounces.total} events of bounces</a></p>` : ''}
</section>`
}

/** Some releases name the message only, and are not among what was counted. */
async function stillWaits(store: EventStore, { messageId }: Seen): Promise<boolean> {
  if (messageId === undefined) return true
  const { events } = await read(store, { messageId }, MAX_LINES)
  const lives = [...groupByList(events)].map(([list, steps]) => makeLife(list, steps))
  return lives.length === 0 || lives.some(({ state }) => state === 'waiting')
}

const holdMarkup = (hold: Seen, say: (ms: number) => string): Markup => markup`<li class="hold">
${timeMarkup(hold.timestampMs, say)} <span class="held">${hold.holdReasons.map(spoken).join(', ') || 'held'}</span> <bdi>${hold.sender ?? 'no sender is logged'}</bdi>
${hold.messageId === undefined ? '' : markup`<a href="${messageAddress(hold.messageId)}"><bdi>${hold.messageId}</bdi></a>`}
</li>`

const percent = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`
const share = ({ held, posted, share: part }: Stretch): string =>
  part === undefined ? 'no posts' : `${held} held, ${posted} posted (${percent(part)} held)`

const before = ({ before: stretch }: WhyList): string =>
  stretch.share === undefined ? '' : `In the weeks before: ${percent(stretch.share)} held.`
