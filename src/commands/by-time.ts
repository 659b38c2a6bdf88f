/** Events of several files as one sequence in the order of their time; each file is in its own order already, more or less. */
import type { LogEvent } from '../model.js'

interface Source {
  readonly batches: AsyncGenerator<LogEvent[]>
  events: LogEvent[]
  at: number
}

/** A file's later event with an earlier time comes when the file comes to it. */
export async function* byTime(files: readonly AsyncGenerator<LogEvent[]>[]): AsyncGenerator<LogEvent> {
  let open: Source[] = []
  for (const batches of files) {
    const source = { batches, events: [] as LogEvent[], at: 0 }
    if (await fill(source)) open.push(source)
  }
  while (open.length > 0) {
    let first = open[0]!
    for (const source of open) if (timeOf(source) < timeOf(first)) first = source
    yield first.events[first.at++]!
    if (first.at === first.events.length && !(await fill(first))) open = open.filter(source => source !== first)
  }
}

const timeOf = ({ events, at }: Source): number => events[at]!.timestampMs

async function fill(source: Source): Promise<boolean> {
  const next = await source.batches.next()
  if (next.done) return false
  source.events = next.value
  source.at = 0
  return true
}
