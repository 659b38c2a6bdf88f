/** `spam-wave`: far more posts of strangers are held than usual, while the posts of others go on. Nobody is woken for that. */
import type { Board } from './alert.js'
import { Excess } from './excess.js'
import type { HoldsWatch } from './holds-watch.js'
import type { Decision, Standing } from './usual.js'

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

  constructor(holds: HoldsWatch, board: Board) {
    // Where members are held too it is the host's incident.
    this.#excess = new Excess(limits, board, () => holds.alert !== undefined)
  }

  see(decision: Decision, standing: Standing): void {
    if (decision.held && standing === 'stranger') this.#excess.count(decision)
  }

  tick(nowMs: number): void {
    this.#excess.tick(nowMs)
  }
}
