/** One message's way, on this list. */
import type { EventStore } from '../../store/query.js'
import { readTypedId } from '../../troubleshooting/subject.js'
import { adviceOfReason } from '../document.js'
import { sayDuration } from '../page/time.js'
import { readParameters } from '../query.js'
import { followMessage } from '../questions.js'
import { type Markup, markup, sentence } from './markup.js'
import { adviceMarkup, spoken, timeMarkup, toneOf } from './parts.js'

/** @param store with this list's events and no others  @throws ShipperError MLS_WEB_QUERY */
export async function messagePage(store: EventStore, parameters: URLSearchParams, say: (ms: number) => string): Promise<Markup> {
  const typed = readParameters(parameters).get('id') ?? ''
  const form = markup`<h1>The way of one message</h1>
<search><form action="message" autocomplete="off">
<label class="wide">Message id <input name="id" type="text" maxlength="1000" required spellcheck="false" value="${typed}" placeholder="CAB…@mail.example.org"></label>
<button type="submit" class="main">Show</button>
</form></search>`
  const id = readTypedId(typed)
  if (id === '') return form
  const { rows, fates } = await followMessage(store, id)
  if (rows.length === 0)
    return markup`${form}
<p>No event of this list names this message. It may never have reached Mailman, be on another list, or be older than what is kept.</p>`
  const reasons = [...new Set(rows.flatMap(row => row.reasons))].flatMap(reason => {
    const advice = adviceOfReason.get(reason)
    return advice === undefined ? [] : [adviceMarkup(`Held: ${spoken(reason)}.`, advice)]
  })
  const later = (i: number): string => {
    const ms = i === 0 ? 0 : rows[i]!.timestampMs - rows[i - 1]!.timestampMs
    return ms === 0 ? '' : `+ ${sayDuration(ms)}`
  }
  return markup`${form}
${fates.map(({ title, sentence: text }) => markup`<div class="advice"><p><strong>${title}</strong></p><p>${sentence(text)}</p></div>`)}
${reasons}
<ol class="steps">${rows.map(
    (row, i) => markup`<li class="${toneOf(row)}">
<p class="when">${timeMarkup(row.timestampMs, say)} <span class="later">${later(i)}</span></p>
<h2>${row.action === '' ? row.log : spoken(row.action)}</h2>
<p class="where">${spoken(row.log)} log · ${row.host}</p>
<pre>${row.text}</pre>
${row.inferred === '' ? '' : markup`<p class="note">Tied to this message: ${row.inferred}.</p>`}
</li>`,
  )}</ol>
<p class="note">“Delivered” means: handed to the mail server. Lines that name neither this message nor this list, such as whom the mail server refused, are not shown here: who runs the site has them.</p>`
}
