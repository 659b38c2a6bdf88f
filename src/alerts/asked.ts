/** Which events the detector has any use for: a tenth of a busy host's, and the posts. */
import type { ActionName } from '../../parsers/_actions.js'
import { CHANGES } from './changes.js'
import { factOf, type Seen } from './fact.js'
import { POSTS } from './post.js'
import { rateKinds, SLOW_SECONDS } from './rate-watch.js'
import { RUNNERS } from './runner-watch.js'

const ASKED: ReadonlySet<ActionName> = new Set([
  ...POSTS,
  ...CHANGES,
  ...RUNNERS,
  ...rateKinds.flatMap(({ actions }): readonly ActionName[] => actions),
])

/** A stranger may have written a suspect one (docs/decisions.md 17). */
export function isAsked(event: Seen): boolean {
  const { pattern, tags } = event
  if (pattern === undefined || !ASKED.has(pattern.action) || tags.includes('mailman_suspect')) return false
  return pattern.action !== 'message-delivered' || factOf(event)!.seconds >= SLOW_SECONDS
}
