// Where the time goes: a CPU profile of one run to the bulk sink, one line for each stage.
//
// A stage is a folder of the project. What Node, V8's built-ins and libraries do is charged to the stage that called them; what
// nobody called (the event loop, callbacks of sockets and files) is `node`. The client is a line of its own, and so is loading
// modules, whose share is smaller the longer a run is.
//
// The profiler counts the time that passes, also while another process has the CPU. So its figures are scaled to the CPU time that
// the main thread used by the kernel's account; what the process used beyond that, its other threads did.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './corpus.mjs'
import { measureBulk } from './scenarios.mjs'

const CLIENT = 'delivery: client'
const GC = 'garbage collection'
const LOADING = 'loading modules'
const THREADS = 'other threads'
const TOP = 12
const MAX_NAME = 60

export async function measureStages(corpus, sink) {
  const directory = mkdtempSync(join(cache, 'profile-'))
  try {
    const usage = await measureBulk(corpus, sink, 'none', { node: ['--cpu-prof', '--cpu-prof-dir', directory] })
    // The agent has no thread of its own with this output, so there is one profile.
    const [name] = readdirSync(directory)
    const profile = JSON.parse(readFileSync(join(directory, name), 'utf8'))
    return attribute(profile, usage)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** @returns `stages`: seconds, and those of them spent in the stage's own code; `functions`: most seconds of their own first */
function attribute({ nodes, samples, timeDeltas }, { cpuSeconds, mainSeconds }) {
  const byId = new Map(nodes.map(node => [node.id, { ...node, seconds: 0, stage: 'node' }]))
  samples.forEach((id, i) => {
    byId.get(id).seconds += Math.max(0, timeDeltas[i]) / 1e6
  })
  const stages = new Map()
  const functions = new Map()
  // Parents come before their children.
  for (const { id } of nodes) {
    const { callFrame, children = [], seconds, stage: inherited } = byId.get(id)
    const own = stageOf(callFrame)
    const stage = own ?? inherited
    for (const child of children) byId.get(child).stage = stage
    if (callFrame.functionName === '(idle)') continue
    add(stages, stage, seconds, own !== undefined)
    add(functions, `${(callFrame.functionName || '(anonymous)').slice(0, MAX_NAME)} ${shorten(callFrame)}`, seconds, true)
  }
  const busy = [...stages.values()].reduce((sum, { seconds }) => sum + seconds, 0)
  if (mainSeconds !== undefined) {
    for (const row of [...stages.values(), ...functions.values()]) {
      row.seconds *= mainSeconds / busy
      row.ownSeconds *= mainSeconds / busy
    }
    add(stages, THREADS, cpuSeconds - mainSeconds, false)
  }
  return { cpuSeconds, stages: sorted(stages), functions: sorted(functions).slice(0, TOP) }
}

function stageOf({ functionName, url }) {
  if (functionName === '(garbage collector)') return GC
  const path = url.split('/dist/').at(-1)
  if (/^node:internal\/(modules|bootstrap|main)\//.test(url)) return LOADING
  if (url.includes('/node_modules/')) return /node_modules\/(@elastic|undici)\//.test(url) ? CLIENT : undefined
  if (!url.includes('/dist/')) return undefined
  if (path.startsWith('parsers/')) return 'parsers'
  const [, stage, file] = path.split('/')
  return file === undefined ? 'pipeline' : stage
}

const shorten = ({ url, lineNumber }) =>
  url === '' ? '' : `${url.replace(/^.*\/(dist|node_modules)\//, '').replace(/^file:\/\//, '')}:${lineNumber + 1}`

function add(table, name, seconds, isOwn) {
  const row = table.get(name) ?? { name, seconds: 0, ownSeconds: 0 }
  row.seconds += seconds
  if (isOwn) row.ownSeconds += seconds
  table.set(name, row)
}

const sorted = table => [...table.values()].sort((a, b) => b.seconds - a.seconds)
