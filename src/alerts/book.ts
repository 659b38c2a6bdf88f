/**
 * All alerts that there are, open and lately ended, whoever found them: the detector, the guards, the agent itself. It says what is
 * to be told; who tells it compares with what was told already, so that nothing depends on a moment that a crash can swallow.
 */
import { type Alert, type Finding, type GuardBoard, type GuardKind, keyOf } from './alert.js'

const MAX_ENDED = 200

/** What v8.serialize takes; alerts are the same objects as in the detector's state. */
export interface BookState {
  readonly open: readonly Alert[]
  readonly ended: readonly Alert[]
}

export class AlertBook implements GuardBoard {
  readonly #open: Set<Alert>
  readonly #ended: Alert[]
  /** Something began or ended since this was set to false. */
  isChanged = false

  constructor({ open, ended }: BookState = { open: [], ended: [] }) {
    this.#open = new Set(open)
    this.#ended = [...ended]
  }

  get state(): BookState {
    return { open: [...this.#open], ended: this.#ended }
  }

  /** The open ones first. */
  get alerts(): Alert[] {
    return [...this.#open, ...this.#ended]
  }

  raised(alert: Alert): void {
    this.#open.add(alert)
    this.isChanged = true
  }

  /** One that is not here was never to be told. */
  ended(alert: Alert): void {
    if (!this.#open.delete(alert)) return
    this.#ended.push(alert)
    if (this.#ended.length > MAX_ENDED) this.#ended.shift()
    this.isChanged = true
  }

  stands(finding: Finding): void {
    const { kind, list, about = null, raisedMs } = finding
    const open = this.#find(kind, list, about)
    if (open === undefined) this.raised({ ...finding, key: keyOf(finding), about, endedMs: undefined, before: [] })
    else {
      open.count = Math.max(open.count, finding.count)
      if (finding.words !== undefined) open.words = finding.words
      if (severities[finding.severity] <= severities[open.severity]) return
      // Worse than it was: told anew, as what it is now.
      this.#end(open, raisedMs)
      this.stands(finding)
    }
  }

  over(kind: GuardKind, about: string | undefined, list: string | null, atMs: number): void {
    const open = this.#find(kind, list, about ?? null)
    if (open !== undefined) this.#end(open, atMs)
  }

  #end(alert: Alert, atMs: number): void {
    alert.endedMs = atMs
    this.ended(alert)
  }

  #find(kind: Alert['kind'], list: string | null, about: string | null): Alert | undefined {
    for (const alert of this.#open) if (alert.kind === kind && alert.list === list && alert.about === about) return alert
    return undefined
  }
}

const severities = { info: 0, warning: 1, critical: 2 }
