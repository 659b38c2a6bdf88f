/**
 * A network that fails, in front of a real server: passes HTTP on (plain on our side, TLS on the other, so that a byte of an
 * answer is a byte of HTTP), and delays, cuts, resets or falls silent when a test says so. It makes up nothing.
 */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { resetSocket } from './reset-socket.js'

export interface ChaosProxy {
  readonly url: string
  readonly port: number
  /**
   * `pass` · `deaf`: takes connections and bytes, and passes none on · `mute`: passes requests on and no answers back, and keeps
   * the connection, as a box in the middle does that has forgotten it
   */
  mode: 'pass' | 'deaf' | 'mute'
  /** Answers wait so long, milliseconds. */
  delayMs: number
  /** The next answer to a bulk request is reset behind so many bytes, once; below 0: so many before its end. */
  cutAt: number | undefined
  /** Connections taken since the start. */
  readonly connections: number
  /** Bulk requests that were passed on. */
  readonly bulks: number
  /** Resets all connections. */
  reset(): void
  close(): Promise<void>
}

/** @param at address and port to listen on; default: a free port of 127.0.0.1 */
export async function startChaosProxy(
  target: { readonly url: string; readonly caFile: string },
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<ChaosProxy> {
  const { hostname: host, port } = new URL(target.url)
  const ca = readFileSync(target.caFile)
  const open = new Set<Socket>()
  const state = {
    mode: 'pass' as ChaosProxy['mode'],
    delayMs: 0,
    cutAt: undefined as number | undefined,
    connections: 0,
    bulks: 0,
  }
  const proxy = createServer({ noDelay: true }, near => {
    state.connections++
    const far = connect({ host, port: Number(port), servername: host, ca })
    let left: number | undefined // bytes until the cut
    let late = 0 // pieces of answers that wait
    let passed = Promise.resolve()
    const pass = (bytes: Buffer): void => {
      if (state.delayMs === 0 && late === 0) {
        near.write(bytes)
        return
      }
      // Behind those that wait, whatever the delay is by now: it is a stream.
      late++
      const due = performance.now() + state.delayMs
      passed = passed.then(async () => {
        await sleep(Math.max(0, due - performance.now()))
        late--
        near.write(bytes)
      })
    }
    let answer: Buffer | undefined
    open.add(near)
    near.on('data', bytes => {
      if (state.mode === 'deaf') return
      if (/^(POST|PUT) \/_bulk/.test(bytes.toString('latin1', 0, 12))) {
        state.bulks++
        answer = state.cutAt === undefined ? undefined : Buffer.alloc(0)
      }
      far.write(bytes)
    })
    far.on('data', (bytes: Buffer) => {
      if (state.mode !== 'pass') return
      if (answer === undefined) return pass(bytes)
      answer = Buffer.concat([answer, bytes])
      left ??= cutOf(answer, state.cutAt!)
      if (left === undefined || answer.length < left) return
      state.cutAt = undefined
      near.write(answer.subarray(0, left), () => resetSocket(near))
    })
    near.on('close', () => far.destroy()).on('close', () => open.delete(near))
    far.on('close', () => near.destroy())
    for (const socket of [near, far]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject)
    proxy.listen(at.port ?? 0, at.host ?? '127.0.0.1', resolve)
  })
  const listening = (proxy.address() as AddressInfo).port
  const reset = (): void => {
    for (const socket of open) resetSocket(socket)
  }
  return Object.assign(state, {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    reset,
    close: () =>
      new Promise<void>(resolve => {
        proxy.close(() => resolve())
        reset()
      }),
  })
}

/** How many bytes of an answer pass; undefined: its length is not known yet. */
function cutOf(answer: Buffer, at: number): number | undefined {
  if (at >= 0) return at
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.toString('latin1', 0, head + 2))?.[1]
  if (length !== undefined) return head + 4 + Number(length) + at
  return answer.subarray(-5).equals(LAST_CHUNK) ? answer.length + at : undefined
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n')
