/** What must hold of what is stored, whatever happened. */
import { readFileSync } from 'node:fs'
import type { Stored } from './server.js'
import { numbersOf, type World } from './world.js'

/** The messages of what was set aside: there may be a document twice, after a crash. */
export function readSetAside(file: string): Stored[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {} // nothing was
  const entries: { document: Stored }[] = text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
  return [...new Map(entries.map(({ document }) => [document.event.id, document])).values()]
}

/** @throws Error that says which line is lost, there twice, out of order, or was never written */
export function judge(
  world: World,
  stored: readonly Stored[],
  setAside: readonly Stored[],
  { inOrder }: { inOrder: boolean },
): void {
  const seen = new Set<number>()
  const last = new Map<number, number>()
  const documents = [...stored, ...setAside].map(({ message, tags }) => {
    const lines = message.split('\n')
    return { lines, half: tags?.includes('mailman_unterminated') ? lines.pop() : undefined }
  })
  // What a file ended with when it seemed to be finished. The rest may come all the same; or the whole line, from a copy.
  const halves = documents.flatMap(({ half }) => half ?? [])
  for (const half of halves)
    if (![...world.halved].some(number => world.lines[number]!.text.includes(half))) throw new Error(`never written: ${half}`)
  for (const line of documents.flatMap(({ lines }) => lines)) {
    const number = numberOf(world, halves, line)
    if (number === undefined) throw new Error(`never written: ${line}`)
    if (seen.has(number) && !(halves.length > 0 && world.halved.has(number))) throw new Error(`stored twice: ${line}`)
    seen.add(number)
  }
  if (inOrder)
    for (const { message } of stored) {
      const [number = -1] = numbersOf(message)
      if (halves.length > 0 && world.halved.has(number)) continue
      const life = world.lines[number]?.life ?? -1
      if ((last.get(life) ?? -1) > number) throw new Error(`line ${number} after line ${last.get(life)} of its file`)
      last.set(life, number)
    }
  const missing = world.owed.filter(number => !seen.has(number))
  if (missing.length > 0) throw new Error(`lost: ${missing.join(' ')}`)
}

/** Which line this is, or the end of; undefined: none. */
function numberOf(world: World, halves: readonly string[], line: string): number | undefined {
  const [number = -1] = numbersOf(line)
  if (world.lines[number]?.text.endsWith(`${line}\n`)) return number
  return [...world.halved].find(number => halves.some(half => world.lines[number]!.text.endsWith(`${half}${line}\n`)))
}
