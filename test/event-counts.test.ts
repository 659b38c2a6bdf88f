/** What is counted of events, and under which names: ours alone. */
import t from 'tap'
import { parsers } from '../parsers/_index.js'
import { EventCounts } from '../src/event-counts.js'
import { Reading, sourceOf } from './support/reading.js'

const stamp = 'Dec 31 23:59:25 2025 (1)'
const held = 'dev post from ceo@example.org held, message-id=<x@y>: Post to moderated list\n'
const refused = 'dev: Refused posting:\n\tFrom: a@b\n\tSubject: s\n\tReason: Sorry.\n'

t.test('by action; what no template fits and what may be forged is neither', async t => {
  const text = `${stamp} ${held}${stamp} ${held}${stamp} message-held evil"} 1\n${stamp} ${refused}Dec 31 10:01:07 2025 (4242) ${held}`
  const counts = new EventCounts()
  const reading = new Reading(text, { source: sourceOf('vette') }).feed(text)
  reading.end()
  const { events } = reading
  counts.add('vette', events.slice(0, 2))
  counts.add('vette', events.slice(2))
  const { vette } = counts.byLog([])
  const occurred = Object.entries(vette!).filter(([, count]) => count > 0)
  t.strictSame(occurred.sort(), [
    ['message-held', 2],
    ['message-rejected', 1],
    ['none', 1],
    ['suspect', 1],
  ])
})

t.test('a log that is followed has all its series before anything happens', async t => {
  const counts = new EventCounts()
  t.strictSame(counts.byLog([]), {})
  const { post, own } = counts.byLog(['post', 'own'])
  const actions = [...new Set(parsers.get('post')!.patterns.map(({ action }) => action)), 'none', 'suspect']
  t.strictSame(post, Object.fromEntries(actions.map(action => [action, 0])))
  t.strictSame(own, { none: 0, suspect: 0 }, 'one of the configuration, without a parser')
})
