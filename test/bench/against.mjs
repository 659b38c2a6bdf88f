// mailman-shipper and its peers at the same work, in turn, in one run.
import { measureFollowing } from './following.mjs'
import { filebeat } from './peers/filebeat.mjs'
import { fluentBit } from './peers/fluent-bit.mjs'
import { mailmanShipper } from './peers/mailman-shipper.mjs'
import { otelcol } from './peers/otelcol.mjs'
import { rsyslog } from './peers/rsyslog.mjs'
import { syslogNg } from './peers/syslog-ng.mjs'
import { measureStart, measureThroughput, verifyDocuments } from './throughput.mjs'

const shippers = [mailmanShipper, fluentBit, otelcol, syslogNg, rsyslog, filebeat]

/**
 * @param corpora `whole` is measured, `small` verified, `tiny` started with
 * @param limits `runs`, `idleSeconds`, `liveSeconds` and `match`, what a peer's name has to hold
 * @returns of each shipper `name`, `version`, `usual`, and: `missing` why it cannot be had, or else `variants` with their `runs`,
 *   `starts` and `following`. What a peer fails at is `failed` in its place; where ours fails, this throws
 */
export async function measureAgainst(corpora, sink, { runs, match, ...seconds }, say) {
  const chosen = shippers.filter(({ name }) => name === mailmanShipper.name || name.toLowerCase().includes(match.toLowerCase()))
  const all = []
  for (const shipper of chosen) all.push(await obtain(shipper, say))
  const present = all.filter(({ missing }) => missing === undefined)

  for (const shipper of present)
    for (const variant of shipper.variants) {
      say(`${shipper.name}, compression ${variant.compression}: each of ${corpora.small.records} records is looked at`)
      await attempt(shipper, variant, () => verifyDocuments(shipper, variant.compression, corpora.small, sink))
    }
  for (let run = 1; run <= runs; run++)
    for (const shipper of present)
      for (const variant of shipper.variants.filter(({ failed }) => failed === undefined))
        await attempt(shipper, variant, async () => {
          const result = await measureThroughput(shipper, variant.compression, corpora.whole, sink)
          variant.runs.push({ run, ...result })
          const perMillion = (result.cpuSeconds / corpora.whole.records) * 1e6
          const figures = `${perMillion.toFixed(2)} CPU-s per 1M events, ${result.wallSeconds.toFixed(1)} s`
          say(`run ${run} of ${runs}: ${shipper.name}, compression ${variant.compression}: ${figures}`)
        })
  for (const shipper of present) {
    say(`${shipper.name}: starts, 100 lines a second, then idle for ${seconds.idleSeconds} s`)
    await attempt(shipper, shipper, async () => {
      for (let run = 1; run <= runs; run++) shipper.starts.push(await measureStart(shipper, shipper.usual, corpora.tiny, sink))
      shipper.following = await measureFollowing(shipper, shipper.usual, seconds, sink)
    })
  }
  return all
}

async function obtain({ name, usual, compressions, obtain }, say) {
  say(`${name}: looking for it`)
  try {
    const variants = compressions.map(compression => ({ compression, runs: [] }))
    return { name, usual, ...(await obtain(say)), variants, starts: [] }
  } catch (error) {
    say(`! ${name}: ${error.message}`)
    return { name, usual, missing: error.message }
  }
}

async function attempt({ name }, place, work) {
  try {
    await work()
  } catch (error) {
    if (name === mailmanShipper.name) throw error
    process.stderr.write(`! ${name}: ${error.message}\n`)
    place.failed = error.message.split('\n', 1)[0]
  }
}
