// What is due, from what is so and what was told: tables, no clock, no disk.
import t from 'tap'
import type { Alert } from '../../src/alerts/alert.js'
import { type Answers, noAnswers } from '../../src/notify/answers.js'
import { Mutes } from '../../src/notify/mutes.js'
import { dueOf, type Rules, type Told } from '../../src/notify/plan.js'
import { alertOf } from '../support/alerts.js'

const NOW = Date.UTC(2026, 10, 20, 12) // a Friday
const MIN = 60_000

type Silence = Answers['silences'][number]
const silenceOf = (silence: Partial<Silence>): Silence => ({
  id: 'a1b2c3',
  list: null,
  kind: null,
  fromMs: NOW - 60 * MIN,
  untilMs: NOW + 60 * MIN,
  by: 'ann',
  comment: '',
  ...silence,
})

interface Case {
  readonly alert?: Partial<Alert>
  /** Minutes ago. */
  readonly seen?: number
  readonly endSeen?: number
  readonly told?: Partial<Told> & { readonly ago?: number }
  readonly least?: 'info' | 'warning' | 'critical'
  readonly silences?: readonly Partial<Silence>[]
  readonly maintenance?: { readonly fromMinute: number; readonly toMinute: number; readonly weekday: number | undefined }
  readonly isQuiet?: boolean
  readonly isAcknowledged?: boolean
}

/** `raised now`, `raised in 55 s`, `nothing` */
function say({ alert: given = {}, seen = 10, endSeen, told, least = 'info', ...rest }: Case): string {
  const endedMs = endSeen === undefined ? undefined : NOW - endSeen * MIN
  const alert = alertOf({ severity: 'critical', count: 10, raisedMs: NOW - seen * MIN, list: null, endedMs, ...given })
  const { silences = [], maintenance, isQuiet = false, isAcknowledged = false } = rest
  const answers = { ...noAnswers, silences: silences.map(silenceOf) }
  const rules: Rules = {
    nowMs: NOW,
    mutes: new Mutes(answers, maintenance === undefined ? [] : [maintenance], 'UTC', NOW),
    isQuiet,
    repeatMs: 30 * MIN,
    isAcknowledged: () => isAcknowledged,
  }
  const before: Told | undefined = told && {
    lastMs: NOW - (told.ago ?? 1) * MIN,
    severity: alert.severity,
    count: 10,
    grown: false,
    ended: false,
    ...told,
  }
  const due = dueOf({ alert, seenMs: NOW - seen * MIN, endSeenMs: endedMs }, before, least, rules)
  if (due === undefined) return 'nothing'
  return `${due.moment} ${due.ripeMs <= NOW ? 'now' : `in ${(due.ripeMs - NOW) / 1000} s`}`
}

function table(name: string, cases: readonly (readonly [string, Case, string])[]): void {
  t.test(name, async t => {
    for (const [what, given, expected] of cases) t.equal(say(given), expected, what)
  })
}

table('raised', [
  ['critical', {}, 'raised now'],
  ['a critical one waits for company', { seen: 0 }, 'raised in 5 s'],
  ['a warning too', { seen: 0.5, alert: { severity: 'warning' } }, 'raised in 30 s'],
  ['what is good to know longer', { seen: 1, alert: { severity: 'info' } }, 'raised in 240 s'],
  ['it is told already', { told: {} }, 'nothing'],
  ['it is not for this notifier', { least: 'critical', alert: { severity: 'warning' } }, 'nothing'],
  ['it is just for this notifier', { least: 'warning', alert: { severity: 'warning' } }, 'raised now'],
  ['it became critical', { told: { severity: 'warning' } }, 'raised now'],
  [
    'it was read late: the end may be in the next line',
    { seen: 0, alert: { raisedMs: NOW - 60 * MIN, severity: 'critical' } },
    'raised in 60 s',
  ],
])

table('grown, once', [
  ['ten times as many', { told: { count: 10 }, alert: { count: 100 } }, 'grown now'],
  ['not quite', { told: { count: 10 }, alert: { count: 99 } }, 'nothing'],
  ['ten times a few are still few', { told: { count: 1 }, alert: { count: 20 } }, 'nothing'],
  ['from one on', { told: { count: 1 }, alert: { count: 21 } }, 'grown now'],
  ['from none on', { told: { count: 0 }, alert: { count: 20 } }, 'grown now'],
  ['again', { told: { count: 10, grown: true }, alert: { count: 1000 } }, 'nothing'],
  ['also where somebody knows of it', { told: { count: 10 }, alert: { count: 100 }, isAcknowledged: true }, 'grown now'],
])

table('ended, once', [
  ['after it was told', { endSeen: 2, told: {} }, 'ended now'],
  ['with company', { endSeen: 0, told: {} }, 'ended in 5 s'],
  ['again', { endSeen: 2, told: { ended: true } }, 'nothing'],
  ['what was not told has no end', { endSeen: 2, alert: { severity: 'warning' } }, 'nothing'],
  ['but what was critical is told with its end', { endSeen: 2 }, 'ended now'],
  ['not a day later', { endSeen: 25 * 60, seen: 26 * 60 }, 'nothing'],
  ['what was told, also a day later', { endSeen: 25 * 60, seen: 26 * 60, told: { ago: 1500 } }, 'ended now'],
  ['also where somebody knows of it', { endSeen: 2, told: {}, isAcknowledged: true }, 'ended now'],
])

table('repeated', [
  ['not yet', { told: { ago: 29 } }, 'nothing'],
  ['a critical one', { told: { ago: 30 } }, 'repeated now'],
  ['not where somebody knows of it', { told: { ago: 300 }, isAcknowledged: true }, 'nothing'],
  ['not a warning', { told: { ago: 300 }, alert: { severity: 'warning' } }, 'nothing'],
  ['not what is over', { told: { ago: 300, ended: true }, endSeen: 200 }, 'nothing'],
  ['one that was thought to be over', { told: { ago: 30, ended: true } }, 'repeated now'],
])

table('quiet hours', [
  ['a warning waits', { isQuiet: true, alert: { severity: 'warning' } }, 'nothing'],
  ['so does its end', { isQuiet: true, alert: { severity: 'warning' }, told: {}, endSeen: 2 }, 'nothing'],
  ['critical', { isQuiet: true }, 'raised now'],
  ['critical, again', { isQuiet: true, told: { ago: 31 } }, 'repeated now'],
])

table('silences', [
  ['everything', { silences: [{}] }, 'nothing'],
  ['of its kind', { silences: [{ kind: 'holds-spike' }] }, 'nothing'],
  ['of another kind', { silences: [{ kind: 'spam-wave' }] }, 'raised now'],
  ['of its list', { silences: [{ list: 'dev' }], alert: { list: 'dev' } }, 'nothing'],
  ['of another list', { silences: [{ list: 'dev' }], alert: { list: 'users' } }, 'raised now'],
  ['of a list is not of the host', { silences: [{ list: 'dev' }] }, 'raised now'],
  ['kind and list must fit both', { silences: [{ list: 'dev', kind: 'spam-wave' }], alert: { list: 'dev' } }, 'raised now'],
  ['that are over', { silences: [{ untilMs: NOW }] }, 'raised now'],
  ['that are to come', { silences: [{ fromMs: NOW + 1 }] }, 'raised now'],
  ['it lasts and was told before: again', { silences: [{ untilMs: NOW - MIN }], told: { ago: 5 } }, 'repeated now'],
  ['not where somebody knows of it', { silences: [{ untilMs: NOW - MIN }], told: { ago: 5 }, isAcknowledged: true }, 'nothing'],
  ['not twice', { silences: [{ untilMs: NOW - MIN }], told: { ago: 0.5 } }, 'nothing'],
  ['not a warning', { silences: [{ untilMs: NOW - MIN }], told: { ago: 5 }, alert: { severity: 'warning' } }, 'nothing'],
  ['it ended meanwhile and was told before', { silences: [{ untilMs: NOW - MIN }], told: { ago: 50 }, endSeen: 5 }, 'ended now'],
  ['it came and went in silence', { silences: [{ untilMs: NOW - MIN }], endSeen: 5 }, 'nothing'],
  ['it ended after the silence, untold', { silences: [{ untilMs: NOW - 5 * MIN }], endSeen: 3 }, 'ended now'],
])

const window = (fromMinute: number, toMinute: number, weekday = 5) => ({ fromMinute, toMinute, weekday })
table('maintenance', [
  ['now', { maintenance: window(11 * 60, 13 * 60) }, 'nothing'],
  ['on another day', { maintenance: window(11 * 60, 13 * 60, 6) }, 'raised now'],
  ['just over: what was told before is told again', { maintenance: window(11 * 60, 12 * 60), told: { ago: 20 } }, 'repeated now'],
  ['just over: what came and went is not', { maintenance: window(11 * 60, 12 * 60), endSeen: 5 }, 'nothing'],
  ['just over: what lasts is told', { maintenance: window(11 * 60, 12 * 60) }, 'raised now'],
])
