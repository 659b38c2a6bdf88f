import t from 'tap'
import { runCheck } from '../../src/commands/check.js'
import { checkRuntime } from '../../src/commands/check-runtime.js'

const say = (version: string, now: string) =>
  checkRuntime(version, Date.parse(now)).map(({ status, detail }) => `${status} ${detail}`)

t.test('the end of life of the runtime, by its major version and the day', async t => {
  t.same(say('v22.12.0', '2027-01-29T23:59:59Z'), [], 'more than three months before')
  t.same(say('v22.12.0', '2027-01-30T00:00:00Z'), ['warning Node.js 22.12.0 comes to its end of life on 2027-04-30'])
  t.same(say('v22.12.0', '2027-04-30T23:59:59Z'), ['warning Node.js 22.12.0 comes to its end of life on 2027-04-30'])
  const past = ['warning Node.js 22.12.0 is past its end of life, 2027-04-30: holes in it are mended no more']
  t.same(say('v22.12.0', '2027-05-01T00:00:00Z'), past)
  t.same(say('v22.12.0', '2040-01-01T00:00:00Z'), past)
  t.same(say('v25.0.0', '2026-07-01T00:00:00Z').length, 1, 'one that was never meant to last')
  t.same(say('v98.0.0', '2040-01-01T00:00:00Z'), [], 'of one that is newer than this program nothing is known')
})

t.test('check says so, and does not fail for it', async t => {
  const run = async (version: string) => {
    const lines: string[] = []
    const directory = t.testdir({
      logs: { vette: 'x' },
      'config.yaml': 'logs: { directories: [logs] }\nstate: { directory: state }\n',
    })
    const options = { json: true, version, nowMs: Date.parse('2026-11-23T00:00:00Z') }
    const code = await runCheck(`${directory}/config.yaml`, options, { out: line => lines.push(line) })
    const { findings } = JSON.parse(lines.join('')) as { findings: { subject: string; status: string }[] }
    return { code, said: findings.filter(({ subject }) => subject === 'runtime').map(({ status }) => status) }
  }
  t.same(await run('v20.19.0'), { code: 0, said: ['warning'] })
  t.same(await run('v24.19.0'), { code: 0, said: [] })
})
