/** Counts the requests to an output, and those after which something has to be sent again. */
import type { ErrorCode } from '../errors.js'
import type { Answer, Output } from '../model.js'

export interface RequestCounts {
  requests: number
  readonly retries: Map<ErrorCode, number>
}

/** The same output, counted. */
export function countRequests(output: Output, counts: RequestCounts): Output {
  return {
    name: output.name,
    get writeIndexes() {
      return output.writeIndexes
    },
    get trouble() {
      return output.trouble
    },
    prefix: event => output.prefix(event),
    async write(batch, signal) {
      counts.requests++
      const answer = await output.write(batch, signal)
      const code = signal.aborted ? undefined : reasonToRepeat(answer)
      if (code !== undefined) counts.retries.set(code, (counts.retries.get(code) ?? 0) + 1)
      return answer
    },
    close: () => output.close(),
  }
}

function reasonToRepeat(answer: Answer): ErrorCode | undefined {
  if ('holdUp' in answer) return answer.holdUp.code
  return answer.outcomes.some(({ status }) => status === 'retry') ? 'MLS_OUTPUT_BUSY' : undefined
}
