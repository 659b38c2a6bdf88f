// Counts beside those of the baseline, and what is to be said of them.

/**
 * How much more than the baseline is too much, in percent. Repeated counts differ by less than a tenth of it, so it leaves room for
 * another build of the same Node, and none for chance.
 */
export const MARGIN = 5

const count = value => value.toLocaleString('en')

/**
 * @param baseline bytes for an event by log, of this version of Node; undefined: nothing is too much
 * @param bytes the same, of now
 * @returns {{ rows: string[][], worse: string[], better: string[] }} cells of a table, and a sentence for each that is beyond the margin
 */
export function compare(baseline, bytes) {
  const worse = []
  const better = []
  const rows = Object.entries(bytes).map(([log, is]) => {
    const was = baseline?.[log]
    if (was === undefined) return [log, count(is), '', '']
    const percent = ((is - was) / was) * 100
    const change = `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`
    const sentence = `an event of ${log} takes ${count(is)} bytes, the baseline has ${count(was)} (${change}, the margin is ${MARGIN} %)`
    if (percent > MARGIN) worse.push(sentence)
    if (percent < -MARGIN) better.push(sentence)
    return [log, count(is), count(was), change]
  })
  return { rows, worse, better }
}
