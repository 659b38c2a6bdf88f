// What the detector shows: `npm run alerting -- --help`. Simulated, so that the truth is known; it reports and never judges.
import { parseArgs } from 'node:util'
import { listOutagesOf, measureLists, measureOutage, outageOf } from './alerting-outage.mjs'
import { proveShortCut } from './alerting-proof.mjs'
import { measureQuiet, quietOf } from './alerting-quiet.mjs'
import { distribution, falseTable, kindTable, listTable, outageGroups, outageTable, waveTable } from './alerting-report.mjs'
import { rules } from './alerting-rules.mjs'
import { checkBuild } from './program.mjs'

const parts = ['proof', 'outage', 'lists', 'quiet', 'anonymous']
const help = `npm run alerting -- [--only ${parts.join(',')}] [--seeds 200] [--list-seeds 20] [--quiet-seeds 8] [--days 90] [--json]

  proof      that records handed to the detector give the same as alerts replay of the written logs (2 seeds)
  outage     2015, a seed each: 3 to 4 weeks of usual days, a restart, all is held
  lists      ten lists of ten posts a day for each seed, which hold all from some hour on
  quiet      days of a host that is well
  anonymous  the same, and no log says who wrote
`
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: parts.join(',') },
    seeds: { type: 'string', default: '200' },
    'list-seeds': { type: 'string', default: '20' },
    'quiet-seeds': { type: 'string', default: '8' },
    days: { type: 'string', default: '90' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const only = new Set(values.only.split(','))
const counts = [values.seeds, values['list-seeds'], values['quiet-seeds'], values.days].map(Number)
if (values.help || !counts.every(n => Number.isInteger(n) && n > 0) || [...only].some(part => !parts.includes(part))) {
  process.stderr.write(help)
  process.exit(values.help ? 0 : 64)
}
const [seeds, listSeeds, quietSeeds, days] = counts
const warning = checkBuild()
if (warning !== undefined) process.stderr.write(`! ${warning}\n`)

const ofHost = Object.keys(rules).filter(name => !/list/.test(name))
const ofLists = Object.keys(rules).filter(name => /list/.test(name))

/** One seed after the other. */
function* each(part, n) {
  for (let seed = 1; seed <= n; seed++) {
    if (process.stderr.isTTY) process.stderr.write(`\r${part} ${seed} of ${n} `)
    yield seed
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}

const say = (title, ...texts) => {
  if (!values.json) process.stdout.write(`\n## ${title}\n\n${texts.join('\n\n')}\n`)
}

const report = {}
if (only.has('proof')) {
  const proofs = []
  for (const seed of each('proof', 2)) proofs.push(await proveShortCut(outageOf(seed)))
  report.proof = proofs.map(({ alerts, isSame }) => ({ alerts, isSame }))
  say(
    'Short cut',
    ...proofs.map(
      ({ alerts, isSame, told, short }) =>
        `${alerts} alerts: ${isSame ? 'the same' : `${JSON.stringify(told)} ${JSON.stringify(short)}`}`,
    ),
  )
}

if (only.has('outage')) {
  const results = [...each('outage', seeds)].map(seed => {
    const options = outageOf(seed)
    const { outage } = options.plan
    const { told, falsely } = measureOutage(options, { isWithoutSendersToo: seed % 4 === 0 })
    const hour = Math.floor(outage.started / 3600) % 24
    const down = outage.started - outage.stopped
    return {
      seed,
      share: options.share,
      reason: outage.reason,
      down,
      hour,
      told: Object.fromEntries(told),
      falsely: Object.fromEntries(falsely),
    }
  })
  report.outage = results
  const named = results.filter(({ told }) => told.ours?.namesRestart).length
  say(
    `The outage of 2015, ${results.length} seeds`,
    outageTable(results, ['ours', 'ours, no senders', ...ofHost]),
    outageGroups(results),
    `The alert names the restart in ${named} of ${results.length}.`,
  )
}

if (only.has('lists')) {
  const lists = [...each('lists', listSeeds)]
    .flatMap(seed => measureLists(listOutagesOf(seed)))
    .map(({ name, reason, told }) => ({ name, reason, told: Object.fromEntries(told) }))
  report.lists = lists
  const spread = ['missed', 'held'].map(name => `${name}: ${distribution(lists, 'ours', name)}`)
  say(`One list holds all, ${lists.length} times`, listTable(lists, ['ours', ...ofLists]), ...spread)
}

const withoutAlerts = ({ days, told, waves }) => ({
  days,
  waves,
  told: told.map(({ alert, ...rest }) => ({ ...rest, held: alert?.held })),
})
if (only.has('quiet')) {
  const quiet = [...each('quiet', quietSeeds)].map(seed => measureQuiet(quietOf(seed, days)))
  report.quiet = quiet.map(withoutAlerts)
  say(
    `Quiet, ${quietSeeds} × ${days} days`,
    falseTable(quiet, ['ours', ...ofHost, ...ofLists]),
    kindTable(quiet),
    waveTable(quiet),
  )
}
if (only.has('anonymous')) {
  const quiet = [...each('anonymous', quietSeeds)].map(seed =>
    measureQuiet(quietOf(seed, days), { hasSenders: false, withRules: false }),
  )
  report.anonymous = quiet.map(withoutAlerts)
  say(`Quiet, and no senders in the logs`, kindTable(quiet), waveTable(quiet))
}
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
