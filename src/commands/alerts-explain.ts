/** `alerts explain`: why held mail would have been told of at some time, or not, with the numbers. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import type { HoldsExplained } from '../alerts/holds-watch.js'
import { iso } from '../alerts/words.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { timeOf } from '../diagnostics/timezone.js'
import { type PastArguments, pastOptions, readPast } from './alerts-past.js'
import { readUntil } from './when.js'

export interface ExplainArguments extends PastArguments {
  at?: string | undefined
  list?: string | undefined
}

/** @param nowMs what `2h` is counted from  @throws ShipperError */
export async function runExplain(given: ExplainArguments, out: (line: string) => void, nowMs: number): Promise<void> {
  const { at, json } = given
  const list = given.list?.toLowerCase()
  const { detector, zone } = await readPast(
    given,
    at === undefined ? undefined : zone => readUntil(at, { ms: nowMs, zone }, '--at'),
  )
  const explained = detector.explain(list)
  if (json) return out(printableJson(JSON.stringify(jsonOf(list, explained))))
  for (const line of sentences(list, explained, ms => timeOf(ms, zone))) out(printable(line))
}

function sentences(list: string | undefined, explained: HoldsExplained, time: (ms: number) => string): string[] {
  const { alert, learned, leastLearned, perDay, shares, evidence, limit, sinceMs, held } = explained
  const where = list ?? 'the host'
  const lines = [
    alert === undefined
      ? `No alert about holds of ${where}: ${missing(explained).join('; ')}.`
      : `An alert about holds of ${where} is open, raised ${time(alert.raisedMs)}.`,
    `What is usual was learned from ${learned} decisions (${leastLearned} at least), ${Math.round(perDay)} a day:`,
  ]
  const known = { list: 'people known to the list', host: 'known to another list', stranger: 'strangers' }
  for (const { standing, learned: count, share } of shares)
    lines.push(`  of ${known[standing]} ${(100 * share).toFixed(1)} % are held (${Math.round(count)} seen)`)
  if (evidence === 0) lines.push('Nothing speaks for an incident.')
  else lines.push(`Since ${time(sinceMs)} ${held} were held: that adds up to ${evidence.toFixed(1)} of ${limit.toFixed(1)}.`)
  return lines
}

/** What an alert would need and is not there. */
function missing({
  learned,
  leastLearned,
  evidence,
  limit,
  senders,
  leastSenders,
  lists,
  leastLists,
  isChange,
}: HoldsExplained): string[] {
  if (learned < leastLearned) return ['too little is known yet']
  const needs: string[] = []
  if (evidence < limit) needs.push(`what speaks for it is ${evidence.toFixed(1)}, and ${limit.toFixed(1)} are needed`)
  if (senders < leastSenders) needs.push(`${senders} senders who have posted before are held, and ${leastSenders} are needed`)
  if (lists < leastLists) needs.push(`${lists} lists hold their mail, and ${leastLists} are needed`)
  if (!isChange) needs.push('nobody is held whom the list let through before')
  return needs.length === 0 ? ['it belongs to the host’s, or that is just over'] : needs
}

const jsonOf = (list: string | undefined, { alert, sinceMs, ...numbers }: HoldsExplained): object => ({
  list: list ?? null,
  raised: alert === undefined ? null : iso(alert.raisedMs),
  since: numbers.evidence === 0 ? null : iso(sinceMs),
  ...numbers,
})

export default {
  command: 'explain <files..>',
  describe: 'Why held mail would have been told of at some time, or not',
  builder: (yargs: Argv) =>
    pastOptions(yargs)
      .option('at', { type: 'string', requiresArg: true, describe: 'When: 2015-05-19T18:00:30; default: the end of the logs' })
      .option('list', { type: 'string', requiresArg: true, describe: 'Of this list; default: of the host' })
      .option('json', { type: 'boolean', default: false, describe: 'For machines' })
      .example('$0 alerts explain --at 2026-05-19T18:10 /var/log/mailman/*', 'what the detector knew then')
      .example('$0 alerts explain --list dev /var/log/mailman/*', 'how near to an alert a list is now'),
  handler: (given: ArgumentsCamelCase<ExplainArguments>) =>
    runExplain(given, line => void process.stdout.write(`${line}\n`), Date.now()),
}
