/** When a batch leaves although more is read: where it is full, or nothing is on the way and it has waited. */
import t from 'tap'
import { Sender } from '../src/delivery/send.js'
import { SetAside } from '../src/delivery/set-aside.js'
import { Generation } from '../src/files/generation.js'
import type { Answer, LogEvent, Output } from '../src/model.js'
import { Shipping } from '../src/shipping.js'
import { Stream } from '../src/stream.js'
import { BATCH_AGE_MS } from '../src/timing.js'
import { HeldClock } from './support/held-clock.js'

const seen = { log: 'vette', path: '/vette', id: '1:2', compressed: false, rotation: '', size: 0, mtimeMs: 0 }
const open = (): Stream =>
  new Stream(new Generation(seen, 0), () => {
    throw new Error('nothing is read here')
  })
const event: LogEvent = {
  id: '',
  timestampMs: 0,
  dataset: 'mailman.vette',
  offset: 0,
  pattern: undefined,
  values: [],
  tags: [],
  document: '{}',
}

t.test('while much is read', async t => {
  const clock = new HeldClock()
  const passes = (ms: number): Promise<number> => {
    void clock.sleep(ms)
    return clock.next()
  }
  const answers: ((answer: Answer) => void)[] = []
  const output: Output = {
    name: 'held',
    prefix: () => '',
    write: () => new Promise(resolve => answers.push(resolve)),
    close: async () => {},
  }
  const never = (): void => void t.fail('all is stored')
  const events = { heldUp: never, resumed: never, setAside: never, tooLarge: never }
  const sender = new Sender(output, new SetAside(t.testdir({}), () => clock.now()), events, clock, () => 0)
  let landed = (): void => {}
  const shipping = new Shipping(output, sender, clock, {
    pause: async () => void t.fail('another stream has no batch on the way'),
    landed: () => landed(),
    save: async () => void t.fail('nothing was cut'),
  })

  t.notOk(shipping.isDue, 'there is nothing')
  shipping.collect(open(), [event])
  t.notOk(shipping.isDue, 'others come at once')
  await passes(BATCH_AGE_MS)
  t.ok(shipping.isDue, 'it has waited, and nothing is on the way')
  await shipping.dispatch()
  t.notOk(shipping.isDue)

  shipping.collect(open(), [event])
  await passes(10 * BATCH_AGE_MS)
  t.notOk(shipping.isDue, 'one is on the way: meanwhile more is collected')
  const landing = new Promise<void>(resolve => {
    landed = resolve
  })
  answers[0]!({ outcomes: [{ status: 'stored' }] })
  await landing
  t.ok(shipping.isDue, 'it has arrived')
})
