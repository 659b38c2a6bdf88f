import t from 'tap'
import { readAnswer } from '../../src/delivery/answer.js'
import { AnswerBytes, AnswerSerializer, saysAllStored } from '../../src/delivery/answer-bytes.js'
import type { Output } from '../../src/model.js'
import { makeBatch } from '../support/batch.js'

const ids = ['uFUVFT9EyzHOPtwF-4181-1xgice4', 'uFUVFT9EyzHOPtwF-41bl-b2tfdh', 'a']
const output: Pick<Output, 'prefix'> = {
  prefix: ({ id }) => `{"create":{"_index":"logs-mailman.vette-default","_id":"${id}"}}\n`,
}
const batch = makeBatch(
  output as Output,
  ids.map(id => ({ id })),
)
const item = (id: string, status = 201): string => `{"create":{"_id":"${id}","status":${status}}}`
const answer = (items: readonly string[], before = ''): string => `{${before}"errors":false,"items":[${items.join()}]}`
const good = answer(ids.map(id => item(id)))

const bytesOf = (text: string): AnswerBytes => new AnswerBytes(Buffer.from(text))
const serializer = new AnswerSerializer()
/** As the client hands it on. */
const read = (text: string): ReturnType<typeof readAnswer> => {
  let body: unknown
  try {
    body = serializer.deserialize(bytesOf(text))
  } catch {
    return { holdUp: { code: 'MLS_OUTPUT_NOT_ELASTICSEARCH', detail: 'the answer is no JSON' } }
  }
  return readAnswer(body, batch, () => {})
}
const isQuick = (text: string): boolean => saysAllStored(bytesOf(text), batch)
const allStored = { outcomes: ids.map(() => ({ status: 'stored' })) }

t.test('what says that all is stored is known by its bytes', async t => {
  const texts = [
    good,
    answer(ids.map(() => '{"create":{"status":201}}')),
    answer([item(ids[0]!, 200), '{"create":{"status":299}}', item(ids[2]!)]),
    answer(
      ids.map(id => item(id)),
      '"took":3,',
    ),
    answer(
      ids.map(id => item(id)),
      '"took":3,"ingest_took":0,',
    ),
  ]
  for (const text of texts) {
    t.ok(isQuick(text), text)
    t.same(read(text), allStored, text)
  }
})

t.test('what says the same in other words is parsed', async t => {
  const texts = [
    JSON.stringify(JSON.parse(good), undefined, 1),
    answer(ids.map(id => `{"create":{"status":201,"_id":"${id}"}}`)),
    answer(ids.map(id => `{"create":{"_id":"${id}","status":201,"failure_store":"not_enabled"}}`)),
    good.replace('"_id":"a"', '"_id":"\\u0061"'),
    `${good} `,
  ]
  for (const text of texts) {
    t.notOk(isQuick(text), text)
    t.same(read(text), allStored, text)
  }
})

t.test('F51 what does not say so of each document stores nothing', async t => {
  const [a, b, c] = ids.map(id => item(id)) as [string, string, string]
  const texts = [
    answer([]),
    answer([a, b]),
    answer([a, b, c, c]),
    answer([a, c, b]),
    answer([a, b, item('b')]),
    answer([a, b, item('aa')]),
    answer([a, b, item('')]),
    answer([item(ids[0]!.slice(1)), b, c]),
    answer([a, b, item(ids[2]!, 300)]),
    answer([a, b, item(ids[2]!, 199)]),
    answer([a, b, item(ids[2]!, 20)]),
    answer([a, b, item(ids[2]!, 2011)]),
    answer([a, b, '{"create":{"status":"201"}}']),
    answer([a, b, '{"index":{"status":201}}']),
    `${good}}`,
    good + good,
    // The low byte of each is that of the character which should stand there.
    good.replace('"_id":"a"', '"_id":"\u0161"'),
    good.replace('"_id":"a"', '"_id":\u0122a"'),
  ]
  for (const text of texts) {
    t.notOk(isQuick(text), text)
    t.match(read(text), { holdUp: { code: 'MLS_OUTPUT_NOT_ELASTICSEARCH' } }, text)
  }
})

t.test('cut or changed in any place, a text never says more than its JSON', async t => {
  for (let at = 0; at < good.length; at++) {
    const cut = good.slice(0, at)
    if (isQuick(cut)) t.fail(cut)
    for (const character of ['"', ',', '}', '{', '\\', '0', '9', 'x', ' ', '']) {
      const changed = `${cut}${character}${good.slice(at + 1)}`
      if (!isQuick(changed)) continue
      t.same(
        readAnswer(JSON.parse(changed), batch, () => {}),
        allStored,
        changed,
      )
    }
  }
})

t.test('only an answer without errors is left as it is', async t => {
  t.type(serializer.deserialize(bytesOf(good)), AnswerBytes)
  for (const text of ['{"errors":true,"items":[]}', '{"error":{"type":"x"},"status":400}', '[]', '{"took":1}'])
    t.same(serializer.deserialize(bytesOf(text)), JSON.parse(text), text)
})
