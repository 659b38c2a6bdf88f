/** The page's store: a question that takes too long is given up, and what else uses the store does not keep it from answering. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { StoreThread } from '../../src/commands/web-store.js'
import { createStoreOutput } from '../../src/store/output.js'
import { Store } from '../../src/store/store.js'
import { program, programEnvironment } from '../support/agent-process.js'
import { batchOf, ordinaryEvents } from '../support/documents.js'
import { makeAgentSite } from '../support/site-config.js'
import { until } from '../support/until.js'
import { serveConfig } from '../support/web-page.js'

const never = new AbortController().signal
const everything = { limit: 1, order: 'newest' } as const

function write(file: string, count: number): void {
  const store = new Store({ file, keepDays: 36_500 })
  for (let i = 0; i < count; i += 1000) store.write(batchOf(ordinaryEvents(i, 1000)), 0)
  store.close()
}

t.test('what takes too long is given up, and the next question is answered', async t => {
  const file = join(t.testdir(), 'events.db')
  write(file, 1000)
  const patience = [AbortSignal.abort(), never, never]
  const thread = new StoreThread(file, () => patience.shift()!)
  t.teardown(() => thread.close())
  const unwanted = new AbortController()
  const slow = thread.store(never).search(everything)
  const left = thread.store(unwanted.signal).search(everything)
  const next = thread.store(never).search(everything)
  unwanted.abort()
  await t.rejects(slow, { code: 'MLS_WEB_SLOW', remedy: /Narrow the time/ })
  await t.rejects(left, { name: 'AbortError' }, 'nobody waits for it any more')
  t.match(await next, { total: 1000 })
  t.match(await thread.store(never).terms({}, 'event.action', 1), [{ count: 200 }])
  t.strictSame(patience, [], 'each that was asked had its time')
})

t.test('the page answers while the store is pruned and erased from', async t => {
  const { configFile, store: file } = makeAgentSite(t.testdir())
  write(file, 6000)
  const { url } = await serveConfig(t, configFile)
  const ask = async () => {
    const answers = await Promise.all(['events?limit=1', 'times', 'facets'].map(path => fetch(`${url}/api/${path}`)))
    for (const answer of answers) if (!answer.ok) t.fail(`${answer.status} ${await answer.text()}`)
    const [{ total }, , { action }] = (await Promise.all(answers.map(answer => answer.json()))) as [
      { total: number },
      object,
      { action: { count: number }[] },
    ]
    return { total, counted: action.reduce((sum, { count }) => sum + count, 0) }
  }
  t.strictSame(await ask(), { total: 6000, counted: 6000 })

  const output = createStoreOutput({ file, keepDays: 1 })
  t.teardown(() => output.close())
  await output.write(batchOf(ordinaryEvents(10_000, 2000)), never)
  const totals: number[] = []
  await until(
    async () => totals.push((await ask()).total) > 0 && totals.at(-1) === 2000,
    () => `${totals}`,
    60_000,
  )
  t.strictSame(
    totals,
    [...totals].sort((a, b) => b - a),
    'what is gone is gone',
  )

  const args = [program, 'erase', 'member0@example0.org', '--yes', '--config', configFile]
  const child = spawn(process.execPath, args, { env: programEnvironment(), stdio: 'ignore' })
  const ended = once(child, 'exit')
  do await ask()
  while (child.exitCode === null && child.signalCode === null)
  t.strictSame(await ended, [0, null])
  const { total, counted } = await ask()
  t.ok(total < 2000, `${total}`)
  t.equal(counted, total)
})
