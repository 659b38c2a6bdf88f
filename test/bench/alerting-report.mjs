// The figures of alerting.mjs as tables of Markdown, as docs/alerting.md has them.

export const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}

export function table(head, rows) {
  const line = cells => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const three = values =>
  values.length === 0 ? '–' : `${quantile(values, 0.5)} · ${quantile(values, 0.95)} · ${quantile(values, 1)}`
const time = seconds =>
  seconds < 120 ? `${seconds} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
const threeTimes = values => (values.length === 0 ? '–' : [0.5, 0.95, 1].map(share => time(quantile(values, share))).join(' · '))

/** @param results of measureOutage with their options */
export function outageTable(results, ways) {
  return table(
    ['', 'told of', 'members’ posts held: median · 95 % · most', 'all that was held', 'time since the first of them'],
    ways.map(way => {
      const told = results.map(({ told }) => told[way]).filter(each => each !== undefined)
      const of = name => told.map(each => each[name])
      return [way, `${told.length} of ${results.length}`, three(of('missed')), three(of('held')), threeTimes(of('seconds'))]
    }),
  )
}

export function outageGroups(results, way = 'ours') {
  const groups = [
    ['10 % held usually', ({ share }) => share === 0.1],
    ['20 %', ({ share }) => share === 0.2],
    ['30 %', ({ share }) => share === 0.3],
    ['for a suspicious header', ({ reason }) => reason === 'header'],
    ['as from non-members', ({ reason }) => reason === 'stranger'],
    ['for two reasons', ({ reason }) => reason === 'mixed'],
    ['after an hour’s maintenance', ({ down }) => down > 600],
    ['after a restart of seconds', ({ down }) => down <= 600],
    ['by night (0 to 6 h) after that', ({ down, hour }) => down <= 600 && hour < 6],
  ]
  return table(
    ['', 'outages', 'members’ posts held', 'time'],
    groups.map(([name, belongs]) => {
      const all = results.filter(belongs)
      const told = all.map(({ told }) => told[way]).filter(each => each !== undefined)
      return [name, all.length, three(told.map(({ missed }) => missed)), threeTimes(told.map(({ seconds }) => seconds))]
    }),
  )
}

export function listTable(lists, ways) {
  return table(
    ['', 'told of', 'posts held that would have been posted', 'all that was held', 'time since the first of them'],
    ways.map(way => {
      const told = lists.map(({ told }) => told[way]).filter(each => each !== undefined)
      const of = name => told.map(each => each[name])
      return [way, `${told.length} of ${lists.length}`, three(of('missed')), three(of('held')), threeTimes(of('seconds'))]
    }),
  )
}

export function distribution(lists, way, name) {
  const counts = new Map()
  for (const { told } of lists) {
    const n = told[way]?.[name] ?? Number.POSITIVE_INFINITY
    counts.set(n, (counts.get(n) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([n, count]) => `${n === Number.POSITIVE_INFINITY ? 'never' : n}: ${count}`)
    .join(', ')
}

const per30 = (count, days) => (count === 0 ? '0' : ((30 * count) / days).toFixed(count < days / 30 ? 2 : 1))

export function falseTable(quiet, ways) {
  const days = quiet.reduce((sum, each) => sum + each.days, 0)
  const told = quiet.flatMap(each => each.told)
  return table(
    ['false, per 30 days', 'host', 'of these in waves of spam', 'one list', 'of these in waves'],
    ways.map(way => {
      const of = told.filter(each => (way === 'ours' ? each.way === way && each.kind === 'holds-spike' : each.way === way))
      const hosts = of.filter(({ list }) => list === null)
      const lists = of.filter(({ list }) => list !== null)
      const cells = [hosts, hosts.filter(each => each.inWave), lists, lists.filter(each => each.inWave)]
      return [way, ...cells.map(each => per30(each.length, days))]
    }),
  )
}

export function kindTable(quiet) {
  const days = quiet.reduce((sum, each) => sum + each.days, 0)
  const kinds = new Map()
  for (const { way, kind, severity, list, inWave } of quiet.flatMap(each => each.told)) {
    if (way !== 'ours' || (kind === 'spam-wave' && inWave)) continue
    const key = `${kind}, ${severity}${list === null ? '' : ', one list'}`
    kinds.set(key, (kinds.get(key) ?? 0) + 1)
  }
  return table(
    [`told falsely in ${days} days`, 'alerts', 'per 30 days'],
    [...kinds].sort((a, b) => b[1] - a[1]).map(([kind, count]) => [kind, count, per30(count, days)]),
  )
}

export function waveTable(quiet) {
  const waves = quiet.flatMap(each => each.waves)
  const rows = [
    ['3 to 5 times the usual holds', 3, 5],
    ['5 to 10 times', 5, 10],
    ['10 to 20 times', 10, 21],
  ]
  return table(
    ['waves of spam', 'waves', 'told as such'],
    rows.map(([name, low, high]) => {
      const of = waves.filter(({ times }) => times >= low && times < high)
      return [name, of.length, of.filter(({ isTold }) => isTold).length]
    }),
  )
}
