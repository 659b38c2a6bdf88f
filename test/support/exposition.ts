/**
 * Reads Prometheus' text format 0.0.4 as strictly as its specification is written
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), with the naming rules that `promtool check metrics` complains of.
 */

export interface Family {
  readonly type: string
  readonly help: string
  /** Labels in the order of the text, as JSON → value. */
  readonly samples: Map<string, number>
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y

/** @throws at the first thing that is wrong */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no newline')
  const families = new Map<string, Family>()
  let help: { name: string; text: string } | undefined
  let current: { name: string; family: Family } | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line)
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment
      if (kind === 'HELP') {
        help = { name, text: rest }
        current = undefined
        continue
      }
      if (help?.name !== name) throw new Error(`no help before the type of ${name}`)
      if (families.has(name)) throw new Error(`${name} comes twice`)
      if (!/^(?:counter|gauge)$/.test(rest)) throw new Error(`${name}: type ${rest}`)
      checkName(name, rest)
      current = { name, family: { type: rest, help: help.text, samples: new Map() } }
      families.set(name, current.family)
      continue
    }
    const sample = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line)
    if (sample === null) throw new Error(`not understood: ${line}`)
    const [, name, labels = '', value = ''] = sample
    if (current === undefined || name !== current.name) throw new Error(`${name} stands in ${current?.name}`)
    const key = JSON.stringify(readLabels(labels))
    if (current.family.samples.has(key)) throw new Error(`${name}${key} comes twice`)
    if (!/^(?:[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|[+-]?Inf|NaN)$/.test(value)) throw new Error(`${name}: value ${value}`)
    if (current.family.type === 'counter' && !(Number(value) >= 0)) throw new Error(`${name}: a counter of ${value}`)
    current.family.samples.set(key, Number(value))
  }
  for (const [name, { samples }] of families) if (samples.size === 0) throw new Error(`${name} has no sample`)
  return families
}

function checkName(name: string, type: string): void {
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name}: a ${type}`)
  if (/_(?:ms|milliseconds|minutes|hours|kb|mb|kilobytes|megabytes|percent)(?:_|$)/.test(name))
    throw new Error(`${name}: not a base unit`)
  if (/[A-Z:]/.test(name)) throw new Error(`${name}: capital letters or colons`)
}

function readLabels(text: string): [string, string][] {
  const labels: [string, string][] = []
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex
    const found = LABEL.exec(text)
    if (found === null) throw new Error(`labels: ${text.slice(at)}`)
    if (labels.some(([name]) => name === found[1])) throw new Error(`a label twice: ${text}`)
    labels.push([found[1]!, found[2]!])
  }
  return labels
}
