/**
 * P1–P4 over time: 500 lines/s into eleven logs, a random fault every 20 s, the real Elasticsearch. Each record is stored once, as
 * it was written, a file's records in their order, and memory is flat. `npm run soak -- --minutes 30` is the long one; without
 * SOAK_MINUTES it is a dozen seconds of short faults. The same SEED chooses the same faults.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { cannotMount } from '../support/ext4.js'
import { needLogrotate } from '../support/logrotate.js'
import { Chance } from '../support/soak-chance.js'
import { planOf } from '../support/soak-faults.js'
import { driftOf, figuresOf } from '../support/soak-figures.js'
import { link } from '../support/soak-file-faults.js'
import { makeSoakSite, type SoakSite } from '../support/soak-site.js'
import { judge } from '../support/soak-verdict.js'
import { until } from '../support/until.js'

const minutes = Number(process.env.SOAK_MINUTES ?? 0)
const isLong = minutes > 0
const seconds = isLong ? minutes * 60 : 12
const rate = Number(process.env.SOAK_RATE ?? 500)
const everySeconds = isLong ? Number(process.env.SOAK_EVERY ?? 20) : 1.5
const sampleSeconds = isLong ? 5 : 1
const seed = Number(process.env.SEED ?? Date.now() % 1e6)
const skip = cannotMount
if (!skip) needLogrotate()

t.setTimeout((seconds + 900) * 1_000)

t.test(`${isLong ? `${minutes} minutes` : `${seconds} s`}, ${rate} lines/s, SEED=${seed}`, { skip }, async t => {
  const site = await makeSoakSite(t, { apart: isLong, scale: isLong ? 1 : 0.1 })
  const { agent, writer, state, cluster } = site
  const { story } = cluster
  link(site.logs, 'digest-20261122')
  const began = performance.now()
  const at = (): number => (performance.now() - began) / 1000
  // tap keeps comments back until there is something to say them of.
  const tell = isLong ? (text: string) => process.stderr.write(`${text}\n`) : (text: string) => t.comment(text)
  const say = (what: string): void => void tell(`${at().toFixed(1).padStart(7)} s  ${what}`)

  const plan = planOf(new Chance(seed), Math.floor(seconds / everySeconds) - 1)
  const mended: Promise<void>[] = []
  agent.start()
  const writing = writer.run(rate, () => at() >= seconds)
  for (let sampled = 0, minute = 0, next = 0; at() < seconds; ) {
    await sleep(100) // the pace of the soak, not a wait for anything
    if (at() >= (next + 1) * everySeconds && next < plan.length)
      for (const { fault, seed } of plan[next++]!) {
        say(`${fault.name}…`)
        const run = () => fault.run(site, new Chance(seed))
        mended.push(
          site.having(fault.parts, run).then(
            what => say(`${fault.name}: ${what}`),
            error => void t.fail(`${fault.name}: ${error instanceof Error ? error.stack : error}`),
          ),
        )
      }
    if (at() >= sampled + sampleSeconds) {
      sampled = at()
      agent.sample(sampled, state)
    }
    if (at() >= (minute + 1) * 60) say(`minute ${++minute}: ${await progressOf(site)}`)
  }
  await writing
  await Promise.all(mended)
  writer.reopen()
  say(`all is mended; ${await progressOf(site)}`)

  await settles(site)
  say(`all is settled; ${await progressOf(site)}`)
  agent.sample(at(), state)
  t.match(story.status()?.counts, { setAside: 0 }, 'nothing was refused')
  t.equal(await agent.end('SIGTERM'), 0, 'stops with 0')
  t.notOk(
    readdirSync(state).some(name => name.startsWith('set-aside.')),
    'nothing is set aside',
  )
  story.agent.args.push('--once')
  story.start()
  t.equal(await story.agent.exit(), 0)
  t.match(story.agent.log.at(-1), { stored: 0, setAside: 0 }, 'and a further run has nothing to send')

  const verdict = await judge(cluster.client, cluster.site.config.namespace, writer.written)
  const { documents, indices } = verdict
  t.equal(documents, writer.records, 'as many documents as records')
  for (const what of ['lost', 'twice', 'changed', 'disorder'] as const)
    t.same(verdict[what].slice(0, 20), [], `${what}: ${verdict[what].length}`)

  t.comment(`${writer.lines} lines, ${writer.records} records, ${mended.length} faults, ${agent.life} starts`)
  t.comment(`${documents} documents in ${indices} indices; SEED=${seed}`)
  const figures = figuresOf(agent.samples)
  for (const line of figures) t.comment(line)
  for (const [what, count] of saidOf(story.agent.log)) t.comment(`the agent said ${count} times: ${what}`)
  for (const ending of agent.endings) t.comment(`it ended by itself: ${JSON.stringify(ending)}`)
  if (process.env.SOAK_JSON !== undefined)
    writeFileSync(
      process.env.SOAK_JSON,
      JSON.stringify({ seed, minutes, rate, verdict, figures, samples: agent.samples, log: story.agent.log }),
    )
  const most = Math.max(...agent.samples.map(({ rssMb }) => rssMb))
  t.ok(most < 200, `RSS at most ${most} MB`)
  const drift = driftOf(agent.samples)
  if (drift !== undefined) t.ok(drift.lastMb < drift.firstMb * 1.1, `RSS is flat in each life: ${JSON.stringify(drift)}`)
  // What the detector has learned is 0.5 MB on a busy host, and for a moment there are two of it.
  t.ok(Math.max(...agent.samples.map(({ stateKb }) => stateKb)) < 2_048, 'the state is under 2 MB')
})

const storedIn = async ({ cluster: { client, site } }: SoakSite): Promise<number> =>
  (await client.count({ index: `logs-mailman.*-${site.config.namespace}` })).count

async function progressOf(site: SoakSite): Promise<string> {
  const stored = await storedIn(site)
  const { rssMb = 0, life = 0 } = site.agent.samples.at(-1) ?? {}
  return `${site.writer.records} records written, ${stored} stored; life ${life}, ${rssMb} MB`
}

/** Until the agent has nothing to send any more, and says that it knows so. */
async function settles(site: SoakSite): Promise<void> {
  const { story } = site.cluster
  const isSettled = (): boolean => {
    const status = story.status()
    return status?.pid === story.agent.pid && status.holdUp === null && status.files.every(({ lagBytes }) => lagBytes === 0)
  }
  let stored = 0
  await until(
    async () => {
      stored = await storedIn(site)
      return stored >= site.writer.records && isSettled()
    },
    () =>
      `${stored} of ${site.writer.records}: ${JSON.stringify([story.status(), site.agent.endings, story.agent.log.slice(-9)])}`,
    240_000,
  )
}

/** What the agent said of itself, without the places, and how often. */
function saidOf(log: readonly Record<string, unknown>[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { level, code, msg, text } of log) {
    const what = `${level} ${code ?? ''} ${msg ?? text}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a))
}
