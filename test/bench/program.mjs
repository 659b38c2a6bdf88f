// The built program as a child: what it is given to do, and what it used.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './corpus.mjs'

const root = join(import.meta.dirname, '../..')
export const main = join(root, 'dist/src/main.js')
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
export const built = path => join(root, 'dist', path)

/** @throws where there is nothing to measure. @returns a warning where what is built is not what stands in the sources */
export function checkBuild() {
  if (!existsSync(main)) throw new Error('there is no dist/: npm run build')
  const builtMs = statSync(main).mtimeMs
  const sources = ['src', 'parsers'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true }).map(name => join(root, folder, name)),
  )
  const isStale = sources.some(path => path.endsWith('.ts') && statSync(path).mtimeMs > builtMs)
  return isStale ? 'dist/ is older than the sources: npm run build' : undefined
}

/** A directory for one run, with a configuration that reads `logs`, a directory or several, and writes to `output`. */
export function prepareRun(logs, output) {
  const directory = mkdtempSync(join(cache, 'run-'))
  const config = join(directory, 'config.yaml')
  const options = {
    host: { name: 'lists.example.org' },
    logs: { directories: [logs].flat(), timezone: 'UTC' },
    state: { directory: join(directory, 'state') },
    ...output,
  }
  writeFileSync(config, JSON.stringify(options, undefined, 2)) // which is YAML too
  return { directory, config, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/**
 * Starts the program. `startedAtMs` is a time since 1970 of the same resolution as the sink's.
 * @param options `node`: options of Node itself; `stdout`: as for spawn; `loop`: how late its event loop is, is measured too
 */
export function start(run, args, { node = [], stdout = 'ignore', loop = false } = {}) {
  const usage = join(run.directory, 'usage.json')
  const startedAtMs = performance.timeOrigin + performance.now()
  const child = spawn(process.execPath, ['--require', join(import.meta.dirname, 'usage.cjs'), ...node, main, ...args], {
    env: { ...process.env, MAILMAN_SHIPPER_BENCH_USAGE: usage, ...(loop ? { MAILMAN_SHIPPER_BENCH_LOOP: '1' } : {}) },
    stdio: ['ignore', stdout, 'pipe'],
  })
  let said = ''
  child.stderr.on('data', chunk => {
    said = `${said}${chunk}`.slice(-4096)
  })
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`mailman-shipper ${args[0]} ended with ${code ?? signal}\n${said}`))
      const wallSeconds = (performance.timeOrigin + performance.now() - startedAtMs) / 1000
      resolve({ ...JSON.parse(readFileSync(usage, 'utf8')), wallSeconds })
    })
  })
  return { child, startedAtMs, ended }
}

/** A run from start to end. @returns {Promise<{ cpuSeconds: number, wallSeconds: number, peakRssMb: number }>} */
export const complete = (run, args, options) => start(run, args, options).ended
