// What the sink does where it looks at the documents and does not only count them. Each look is made anew for a run: `take` returns
// how many documents there were and the answer, `found` what has been seen so far.
const created = '{"create":{"status":201}}'
const conflict =
  '{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"document already exists"}}}'

/** @param how `verify`: each id once; `texts`: each line of a log once; `arrivals`: when a marked line came; else undefined */
export const createLook = how => ({ verify: lookAtIds, texts: lookAtTexts, arrivals: lookAtMarks })[how]?.()

function lookAtIds() {
  const ids = new Set()
  let repeated = 0
  let unreadable = 0
  const take = body => {
    const items = []
    for (const [action, document] of pairsOf(body)) {
      try {
        const { create } = JSON.parse(action)
        const isNew = !ids.has(create._id)
        ids.add(create._id)
        if (!isNew) repeated++
        if (JSON.parse(document)['@timestamp'] === undefined) unreadable++
        items.push(isNew ? created : conflict)
      } catch {
        unreadable++
        items.push(created)
      }
    }
    return [items.length, `{"errors":${items.includes(conflict)},"items":[${items.join(',')}]}`]
  }
  return { take, found: () => ({ repeated, unreadable }) }
}

const STAMPED = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \(\d+\) /
const PID = /"pid":\s*"?\d/

/** For those whose documents have no ids of their own: they keep the line as it was, in a field of whatever name. */
function lookAtTexts() {
  const texts = new Set()
  let unreadable = 0
  let unparsed = 0
  let sample
  const take = body => {
    const pairs = pairsOf(body)
    for (const [, document] of pairs) {
      sample ??= document
      if (!PID.test(document)) unparsed++
      try {
        const text = findText(JSON.parse(document))
        if (text === undefined) unreadable++
        else texts.add(text.split('\n', 1)[0])
      } catch {
        unreadable++
      }
    }
    return [pairs.length, `{"took":1,"errors":false,"items":[${new Array(pairs.length).fill(created).join(',')}]}`]
  }
  return { take, found: () => ({ texts: texts.size, unreadable, unparsed, sample }) }
}

function findText(value) {
  if (typeof value === 'string') return STAMPED.test(value) ? value : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const each of Object.values(value)) {
    const text = findText(each)
    if (text !== undefined) return text
  }
}

/** The number of each marked line (`zq17zq` in it) and when it came first, in milliseconds since 1970. */
function lookAtMarks() {
  const arrivals = new Map()
  const take = (body, atMs) => {
    const pairs = pairsOf(body)
    for (const [, document] of pairs) {
      const number = Number(/zq(\d+)zq/.exec(document)?.[1])
      if (!arrivals.has(number)) arrivals.set(number, atMs)
    }
    return [pairs.length, `{"took":1,"errors":false,"items":[${new Array(pairs.length).fill(created).join(',')}]}`]
  }
  return { take, found: () => ({}), arrivals: () => [...arrivals] }
}

/** Each action with its document. */
function pairsOf(body) {
  const lines = body.toString().split('\n')
  return Array.from({ length: lines.length >> 1 }, (_, i) => [lines[2 * i], lines[2 * i + 1]])
}
