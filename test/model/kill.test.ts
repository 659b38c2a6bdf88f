/**
 * The same programs with the built agent as a process, the embedded store, and kill -9 at whatever moment it is. The server's moods and
 * rollovers are left out, as is who may read a file: the agent is ours. `MODEL_KILLS` says how many programs.
 */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { AgentProcess } from '../support/agent-process.js'
import { makeAgentSite } from '../support/site-config.js'
import { countSoFar, readEmbedded } from '../support/stored.js'
import { until } from '../support/until.js'
import { type Action, describe, program } from './actions.js'
import { change } from './change.js'
import type { Stored } from './server.js'
import { judge } from './verdict.js'
import { World } from './world.js'

const programs = Number(process.env.MODEL_KILLS ?? 3)
/** Among all tests the same programs each time: what is judged is the change. `npm run model` takes others each time. */
const seed = Number(process.env.MODEL_SEED ?? (process.env.MODEL_KILLS === undefined ? 20150519 : Date.now() & 0x7fffffff))
/** Of what a program waits: the agent sees by hints what it would see by looking. */
const PACE = 0.05
const LONGEST_MS = 300

async function play(t: Test, actions: readonly Action[], name: string): Promise<void> {
  const site = makeAgentSite(t.testdir({}), { name })
  const world = new World(site.logs)
  const agent = new AgentProcess(site.configFile)
  t.teardown(async () => {
    if (agent.isRunning) await agent.end('SIGKILL')
    world.close()
  })
  agent.start()
  for (const action of actions) {
    await change(world, action, () => sleep(50))
    if (action.do === 'wait') await sleep(Math.min(LONGEST_MS, action.ms * PACE)) // the program's pace, not a wait for anything
    if (action.do === 'kill') await agent.end('SIGKILL')
    if (action.do === 'stop') await agent.end('SIGTERM')
    if ((action.do === 'start' || (action.do === 'kill' && action.restart)) && !agent.isRunning) agent.start()
  }
  if (!agent.isRunning) agent.start()
  const documents = (): Stored[] => (existsSync(site.store) && countSoFar(site.store) > 0 ? readEmbedded(site.store) : [])
  let wrong = ''
  await until(
    () => {
      try {
        judge(world, documents(), [], { inOrder: true })
        return true
      } catch (error) {
        wrong = String(error)
        return !wrong.includes('lost')
      }
    },
    () => `${wrong}; the agent's log: ${JSON.stringify(agent.log.slice(-4))}`,
  )
  t.ok([0, null].includes(await agent.end('SIGTERM')), 'stops with 0, or was not there yet')
  judge(world, documents(), [], { inOrder: true })
}

t.setTimeout(1_200_000)

t.test(`${programs} random programs with real kills, MODEL_SEED=${seed}`, async t => {
  const begun = performance.now()
  for (const [number, actions] of fc.sample(program, { seed, numRuns: programs }).entries())
    await t.test(`program ${number}`, async t => {
      await play(t, actions, 'agent').catch(error => {
        t.comment(`MODEL_SEED=${seed}, program ${number}\n${describe(actions)}`)
        throw error
      })
    })
  t.comment(`${Math.round(performance.now() - begun)} ms`)
})
