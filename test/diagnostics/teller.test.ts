/** P6: no retry storm in the log: what begins and ends each second is told in a bounded number of lines, and its last state in any case. */
import t from 'tap'
import type { Log } from '../../src/diagnostics/log.js'
import { Teller, type Told } from '../../src/diagnostics/teller.js'

const MINUTE = 60_000

function make() {
  const lines: { fields: { untold?: number; number?: number }; message: string; level: string; atMs: number }[] = []
  const clock = { ms: 0, monotonic: () => clock.ms }
  const to = (level: string) => (fields: object, message: string) => void lines.push({ fields, message, level, atMs: clock.ms })
  const log = { info: to('info'), warn: to('warn'), error: to('error') } as unknown as Log
  return { lines, clock, teller: new Teller(log, clock) }
}

const line = (number: number): Told => ({
  level: number % 2 === 0 ? 'error' : 'info',
  fields: { number },
  message: `line ${number}`,
})

t.test('what happens now and then is told at once, as it is', async t => {
  const { lines, clock, teller } = make()
  for (let number = 0; number < 200; number++) {
    teller.tell('output', line(number))
    t.equal(lines.length, number + 1)
    clock.ms += MINUTE
  }
  t.ok(lines.every(({ fields }) => fields.untold === undefined))
})

t.test('each second, for six hours: bounded, counted, and the last one is told', async t => {
  const { lines, clock, teller } = make()
  const count = 6 * 3_600
  for (let number = 0; number < count; number++) {
    teller.tell('output', line(number))
    if (number % 2 === 0) teller.tick()
    clock.ms += 1_000
  }
  t.ok(lines.length <= 20 + 6 * 60, `${lines.length} lines`)
  for (let minute = 0; minute < 6 * 60; minute++) {
    const inIt = lines.filter(({ atMs }) => Math.floor(atMs / MINUTE) === minute).length
    if (inIt > (minute === 0 ? 20 : 2)) t.fail(`${inIt} lines in minute ${minute}`)
  }
  clock.ms += MINUTE
  teller.tick()
  t.equal(lines.at(-1)?.fields.number, count - 1, 'the last one')
  t.equal(
    lines.reduce((sum, { fields }) => sum + 1 + (fields.untold ?? 0), 0),
    count,
    'each line was told or counted',
  )
  const told = lines.length
  clock.ms += 100 * MINUTE
  teller.tick()
  teller.end()
  t.equal(lines.length, told, 'and nothing again')
})

t.test('topics do not keep each other from being told; at the end what waits is told', async t => {
  const { lines, teller } = make()
  for (let number = 0; number < 30; number++) teller.tell('place', line(number))
  teller.tell('output', line(100))
  t.equal(lines.at(-1)?.fields.number, 100)
  teller.end()
  t.match(lines.at(-1), { fields: { number: 29, untold: 9 }, level: 'info' })
})
