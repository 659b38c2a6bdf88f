/** The search: reads what is asked from the address, shows the answer, and writes what is chosen into the address. */
import type { Details, FacetName, Facets, Rows, Site, Times } from '../answers.js'
import { type Asked, addressOf, conditions, parametersOf, readAddress } from './address.js'
import { clearTrouble, get, getSite, showTrouble } from './api.js'
import { followAlert, keepBand } from './band.js'
import { showTimes } from './chart.js'
import { adviceElement, detailsElement } from './details.js'
import { button, element, number, part, spoken } from './elements.js'
import { showFacets } from './facets.js'
import { rowElement } from './rows.js'
import { type Time, timeIn } from './time.js'

const MORE = 100
const MAX_ROWS = 500
const HOUR_MS = 3_600_000

let site: Site
let time: Time
let asked: Asked = {}
let shown: Times | undefined
let rows: Rows = { total: 0, rows: [] }
let questions = new AbortController()

function go(next: Asked): void {
  const { limit: _, event: __, ...now } = asked
  const isOther = conditions.some(name => next[name] !== now[name])
  // Of another question, the first rows, and none of them open.
  const { limit, event, ...rest } = next
  asked = isOther ? rest : next
  history.pushState(null, '', addressOf(asked))
  void (isOther ? askAll() : limit !== undefined && rows.rows.length < Number(limit) ? askRows() : showRows())
}

async function askAll(): Promise<void> {
  questions.abort()
  questions = new AbortController()
  const { signal } = questions
  const parameters = parametersOf(asked)
  showForm()
  const main = part('main')
  main.setAttribute('aria-busy', 'true')
  try {
    await Promise.all([
      askRows(signal),
      get<Times>('times', parameters, signal).then(times => {
        shown = times
        showTimes(times, time, (since, until) => narrow(since, until))
      }),
      get<Facets>('facets', parameters, signal).then(facets => showFacets(facets, asked, choose)),
    ])
    clearTrouble()
    main.setAttribute('aria-busy', 'false')
  } catch (error) {
    if (!showTrouble(error)) main.setAttribute('aria-busy', 'false')
  }
}

async function askRows(signal = questions.signal): Promise<void> {
  rows = await get<Rows>('events', parametersOf(asked, [...conditions, 'limit']), signal)
  await showRows()
}

async function showRows(): Promise<void> {
  const open = asked.event
  const toggle = (id: string): void => go({ ...asked, event: id === asked.event ? undefined : id })
  const items = rows.rows.map(row => rowElement(row, time, row.id === open, toggle))
  const focused = document.activeElement?.getAttribute('data-id')
  part('rows').replaceChildren(...items)
  if (focused)
    part('rows')
      .querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)
      ?.focus()
  part('total').replaceChildren(
    rows.total === 0 ? 'No event fits.' : `${number(rows.total)} ${rows.total === 1 ? 'event' : 'events'}, the newest first`,
  )
  part('empty').hidden = rows.total > 0
  const left = Math.min(rows.total, MAX_ROWS) - rows.rows.length
  part('more').replaceChildren(
    ...(left > 0
      ? [button({}, () => go({ ...asked, limit: String(Math.min(rows.rows.length + MORE, MAX_ROWS)) }), 'Show older ones')]
      : rows.total > rows.rows.length
        ? [element('p', {}, `These are ${number(rows.rows.length)}: narrow the time, or choose, to see others.`)]
        : []),
  )
  if (open === undefined) return part('opened').replaceChildren()
  try {
    const details = detailsElement(await get<Details>('event', new URLSearchParams({ id: open }), questions.signal), time)
    if (asked.event !== open) return
    const item = items[rows.rows.findIndex(({ id }) => id === open)]
    // A link to an event that is not among the rows shows it above them.
    part('opened').replaceChildren(...(item === undefined ? [details] : []))
    item?.append(details)
  } catch (error) {
    showTrouble(error)
  }
}

function choose(name: FacetName, value: string | undefined): void {
  const next = { ...asked, [name]: value }
  // Reasons are those of held messages.
  if (name === 'reason' && value !== undefined) next.action = 'message-held'
  if (name === 'action' && value !== 'message-held') delete next.reason
  go(next)
}

function narrow(sinceMs: number | undefined, untilMs: number | undefined): void {
  const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString())
  go({ ...asked, since: iso(sinceMs), until: iso(untilMs) })
}

/** What is asked, in the form, and as what can be taken away. */
function showForm(): void {
  const input = (id: string): HTMLInputElement => part<HTMLInputElement>(id)
  input('q').value = asked.q ?? ''
  input('address').value = asked.address ?? ''
  for (const name of ['since', 'until'] as const)
    input(name).value = asked[name] === undefined ? '' : time.toInput(Date.parse(asked[name]))
  const said: Partial<Record<keyof Asked, string>> = {
    q: 'words',
    address: 'address',
    log: 'log',
    list: 'list',
    action: 'action',
    reason: 'reason',
    since: 'from',
    until: 'to',
  }
  part('chosen').replaceChildren(
    ...conditions
      .filter(name => asked[name] !== undefined)
      .map(name => {
        const value = asked[name]!
        const text =
          name === 'since' || name === 'until'
            ? time.say(Date.parse(value))
            : name === 'action' || name === 'reason'
              ? spoken(value)
              : value
        return element(
          'li',
          {},
          button(
            { 'aria-label': `Without ${said[name]}: ${text}` },
            () => go({ ...asked, [name]: undefined }),
            `${said[name]}: ${text}`,
            element('span', { 'aria-hidden': 'true' }, '×'),
          ),
        )
      }),
  )
  const reason = site.reasons.find(({ reason }) => reason === asked.reason)
  part('advice').replaceChildren(...(reason === undefined ? [] : [adviceElement(`Held: ${spoken(reason.reason)}`, reason)]))
  const { event: _, limit: __, ...kept } = asked
  part<HTMLAnchorElement>('why-link').href = addressOf({ list: kept.list, since: kept.since, until: kept.until }, '/reasons')
}

part('form').addEventListener('submit', event => {
  event.preventDefault()
  const value = (id: string): string => part<HTMLInputElement>(id).value.trim()
  const iso = (id: 'since' | 'until'): string | undefined => {
    // What was not touched stays to the millisecond.
    if (asked[id] !== undefined && value(id) === time.toInput(Date.parse(asked[id]))) return asked[id]
    const ms = time.fromInput(value(id))
    return ms === undefined ? undefined : new Date(ms).toISOString()
  }
  go({ ...asked, q: value('q'), address: value('address'), since: iso('since'), until: iso('until') })
})

/** The stretch that is seen, moved and widened: by = share of its length. */
function stretch(earlier: number, later: number): void {
  if (shown === undefined || shown.startsMs.length === 0) return
  const since = asked.since === undefined ? shown.startsMs[0]! : Date.parse(asked.since)
  const until = asked.until === undefined ? shown.startsMs.at(-1)! + shown.bucketMs : Date.parse(asked.until)
  narrow(Math.round(since - earlier * (until - since)), Math.round(until + later * (until - since)))
}
part('earlier').addEventListener('click', () => stretch(0.5, -0.5))
part('later').addEventListener('click', () => stretch(-0.5, 0.5))
part('wider').addEventListener('click', () => stretch(1, 1))
part('whole').addEventListener('click', () => narrow(undefined, undefined))
for (const made of document.querySelectorAll<HTMLElement>('[data-hours]'))
  made.addEventListener('click', () => narrow(Date.now() - Number(made.dataset.hours) * HOUR_MS, undefined))

window.addEventListener('popstate', () => {
  const before = asked
  asked = readAddress()
  void (conditions.some(name => before[name] !== asked[name]) || before.limit !== asked.limit ? askAll() : showRows())
})

// On a phone the choices are folded away at first.
part<HTMLDetailsElement>('choices').open = matchMedia('(min-width: 56rem)').matches
if (!followAlert())
  try {
    site = await getSite()
    time = timeIn(site.zone)
    keepBand(time)
    asked = readAddress()
    await askAll()
  } catch (error) {
    showTrouble(error)
  }
