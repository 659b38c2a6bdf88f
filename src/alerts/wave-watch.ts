/** `spam-wave`: far more posts of strangers are held than usual, while the posts of others go on. Nobody is woken for that. */
import type { Board } from './alert.js'
import { Excess, type ExcessState } from './excess.js'
import type { HoldsWatch } from './holds-watch.js'
import type { Post } from './post.js'
import type { Standing } from './usual.js'

const limits = {
  kind: 'spam-wave',
  severity: 'info',
  times: 4,
  leastPerHour: 2,
  least: 25,
  limit: 30,
  leastHours: 24,
  ofHolds: true,
} as const

export class WaveWatch {
  readonly #excess: Excess

  constructor(holds: HoldsWatch, board: Board, state?: ExcessState) {
    // Where members are held too it is the host's incident.
    this.#excess = new Excess(limits, board, state, () => holds.alert !== undefined)
  }

  get state(): ExcessState {
    return this.#excess.state
  }

  see({ atMs, held, list, sender, messageId }: Post, standing: Standing): void {
    if (held && standing === 'stranger') this.#excess.count(atMs, list?.name, sender, messageId)
  }

  tick(nowMs: number): void {
    this.#excess.tick(nowMs)
  }
}
