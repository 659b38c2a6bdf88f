// Figures and tables in Markdown.

/** @param values at least one. @returns `2.63 (2.54–2.88)` */
export function spread(values, digits) {
  const show = value => value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const sorted = values.toSorted((a, b) => a - b)
  return show(sorted[0]) === show(sorted.at(-1))
    ? show(sorted[0])
    : `${show(median(sorted))} (${show(sorted[0])}–${show(sorted.at(-1))})`
}

function median(sorted) {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** One figure. */
export const number = (value, digits = 0) => spread([value], digits)

/** @param rows short ones are filled up */
export function table(columns, rows) {
  const line = cells => `| ${columns.map((_, i) => cells[i] ?? '').join(' | ')} |`
  return [line(columns), line(columns.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
