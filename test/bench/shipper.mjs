// A program that follows logs, started as its administrator would: mailman-shipper or one of its peers (peers/).
//
// A peer is `{ name, compressions, usual, obtain }`: what its output can do, `usual` being what it does unless told otherwise; and
// `obtain(say)` gets the program into the cache and resolves to `{ version, prepare }`, or says by an error why it cannot be had.
// `prepare({ directory, state, logs, sink, compression })` resolves to `{ command, args, env }`; `sink` is a URL.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './corpus.mjs'

const STOP_MS = 10_000

/** @param logs the directory that it reads, from the beginning */
export function startShipper({ prepare }, logs, sink, compression) {
  const directory = mkdtempSync(join(cache, 'run-'))
  const state = join(directory, 'state')
  mkdirSync(state)
  const { command, args, env = {} } = prepare({ directory, state, logs, sink: new URL(sink.url), compression })
  const startedAtMs = performance.timeOrigin + performance.now()
  const child = spawn(command, args, { cwd: directory, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      said = `${said}${chunk}`.slice(-4096)
    })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill) // it would go on for ever
  let isStopping = false
  const ended = new Promise(resolve => child.on('close', resolve))
  const failed = new Promise((_, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (!isStopping) reject(new Error(`it ended with ${code ?? signal}\n${said}`))
    })
  })
  failed.catch(() => {}) // whoever waits for something else hears of it by `alive`
  return {
    pid: child.pid,
    startedAtMs,
    /** What `work` resolves to. @throws where the program ends before, and with what it said where `work` fails */
    alive: work =>
      Promise.race([work, failed]).catch(error => {
        throw new Error(`${error.message}\n${said}`.trim())
      }),
    async stop() {
      isStopping = true
      child.kill('SIGTERM')
      const late = setTimeout(kill, STOP_MS)
      await ended
      process.off('exit', kill)
      clearTimeout(late)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Writes `name` of peers/ into the run's directory with the values in the places of `@NAME@`. @returns its path */
export function configure(directory, name, values) {
  const text = readFileSync(join(import.meta.dirname, 'peers', name), 'utf8')
  const path = join(directory, name)
  writeFileSync(
    path,
    text.replaceAll(/@([A-Z]+)@/g, (_, key) => values[key]),
    { mode: 0o600 },
  )
  return path
}
