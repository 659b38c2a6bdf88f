/**
 * kill -9 at random moments, round after round, while Mailman writes and logrotate rotates. `npm run kill-loop -- --rounds 200` runs more
 * rounds; `SEED` repeats the moments. The oracle is the exact sequence 0…n: each line once, and a file's lines in their order.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AgentProcess } from '../support/agent-process.js'
import { randomOf } from '../support/chance.mjs'
import { MailmanWriter, numberOf } from '../support/mailman-writer.js'
import { makeAgentSite } from '../support/site-config.js'
import { countSoFar, findDisorder, readEmbedded } from '../support/stored.js'
import { until } from '../support/until.js'

const rounds = Number(process.env.KILL_ROUNDS ?? 20)
const seed = Number(process.env.SEED ?? Date.now() % 1e6)
/** From its start on: it dies while it starts, reads, ships, and when it has caught up. */
const LONGEST_LIFE_MS = 2_000

t.setTimeout(1_200_000)

t.test(`${rounds} rounds, SEED=${seed}`, async t => {
  const random = randomOf(seed)
  const site = makeAgentSite(t.testdir({}))
  const writer = new MailmanWriter(site.logs)
  const agent = new AgentProcess(site.configFile)
  t.teardown(async () => {
    if (agent.isRunning) await agent.end('SIGKILL')
    writer.reopen()
  })
  for (let round = 0; round < rounds; round++) {
    agent.start()
    const life = random() * LONGEST_LIFE_MS
    const rotatesAt = random() < 0.2 ? random() * life : Number.POSITIVE_INFINITY
    for (let lived = 0, rotated = false; lived < life; ) {
      writer.append(1 + Math.floor(random() * 50))
      if (lived >= rotatesAt && !rotated) {
        writer.rotate()
        rotated = true
      } else if (random() < 0.2) writer.reopen()
      const pace = random() * 100
      await sleep(pace) // the pace of a writer, not a wait for anything
      lived += pace
    }
    await agent.end('SIGKILL')
  }
  agent.start()
  await until(
    () => countSoFar(site.store) >= writer.next,
    () => `${writer.next} lines; ${countSoFar(site.store)} are stored, the agent says ${JSON.stringify(agent.log.slice(-4))}`,
    120_000,
  )
  t.equal(await agent.end('SIGTERM'), 0, 'stops with 0')
  const documents = readEmbedded(site.store)
  const numbers = documents.map(({ message }) => numberOf(message)).sort((a, b) => a - b)
  t.equal(numbers.length, writer.next, 'as many documents as lines')
  t.equal(
    numbers.findIndex((number, index) => number !== index),
    -1,
    'each line once',
  )
  t.equal(findDisorder(documents).length, 0, "each file's lines arrived in their order")
  t.comment(`${writer.next} lines, ${rounds} kills`)
})
