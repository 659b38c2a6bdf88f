/** What several pages of a list show: an event as a row, what it means, times. All texts come from strangers. */
import type { StoredEvent } from '../../store/query.js'
import type { Advice, Row } from '../answers.js'
import { detailsOf, rowOf } from '../document.js'
import { type Markup, markup, sentence } from './markup.js'

export const spoken = (slug: string): string => slug.replace(/[-_]/g, ' ')

export const toneOf = (row: Row): string => (row.isFailure ? 'bad' : row.action.endsWith('-held') ? 'held' : 'plain')

export const timeMarkup = (ms: number, say: (ms: number) => string): Markup =>
  markup`<time datetime="${new Date(ms).toISOString()}">${say(ms)}</time>`

export const messageAddress = (messageId: string): string => `message?${new URLSearchParams({ id: messageId })}`

export const adviceMarkup = (title: string, { meaning, advice }: Advice): Markup => markup`<div class="advice">
<p><strong>${title}</strong> ${sentence(meaning)}</p>
<p class="do"><span>What to do</span> ${sentence(advice)}</p>
</div>`

const texts = new Set(['message', 'error.stack_trace', 'event.original'])

/** One event, to open without a script. */
export function eventMarkup(event: StoredEvent, say: (ms: number) => string): Markup {
  const row = rowOf(event)
  const { action, reasons, fields, messageId, isCut } = detailsOf(event)
  return markup`<li><details>
<summary class="row">${timeMarkup(row.timestampMs, say)} <span class="log">${row.log}</span> <span class="action ${toneOf(row)}">${row.action === '' ? '–' : spoken(row.action)}</span> <span class="text"><bdi>${row.text.replace(/\s*\n\s*/g, ' ')}</bdi></span></summary>
<div class="details">
${action === null ? '' : adviceMarkup(spoken(row.action), action)}
${reasons.map(reason => adviceMarkup(`Held: ${spoken(reason.reason)}`, reason))}
${fields.filter(([path]) => texts.has(path)).map(([path, value]) => markup`<pre aria-label="${path}" tabindex="0" role="region">${value}</pre>`)}
${messageId === '' ? '' : markup`<p><a href="${messageAddress(messageId)}">The way of this message</a></p>`}
${isCut ? markup`<p class="note">Some of it is too long for this page.</p>` : ''}
<dl>${fields.filter(([path]) => !texts.has(path)).map(([path, value]) => markup`<div><dt>${path}</dt><dd><bdi>${value}</bdi></dd></div>`)}</dl>
</div>
</details></li>`
}
