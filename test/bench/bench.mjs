// What the built program costs: `npm run bench -- --help`. It reports and never judges: times depend on the machine. It fails only
// where the work was not done: a run that ends badly, or a record that did not come as exactly one document.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAgainst } from './against.mjs'
import { boundedScenarios } from './bounded.mjs'
import { cache, prepareCorpus } from './corpus.mjs'
import { checkBuild, prepareRun } from './program.mjs'
import { describe } from './report.mjs'
import { measureIdle, measureKnownStart, measureStart } from './rest.mjs'
import { countDocumentBytes, measureBulk, measureParse, measureStore } from './scenarios.mjs'
import { startSink } from './sink-process.mjs'
import { measureStages } from './stages.mjs'

const usual = ['peers', 'parse', 'store', 'bulk', 'gzip', 'parsers', 'stages', 'rest']
const parts = [...usual, 'bounded']
const help = `npm run bench -- [--records 1000000] [--runs 3] [--only ${parts.join(',')}] [--json] [--verify]

  parse    events as text to /dev/null         store    run --once to the embedded store (at most 200,000 records)
  bulk     run --once to a bulk sink           gzip     the same, compressed
  parsers  lines a CPU-second, log by log      stages   a CPU profile, a line for each stage
  rest     start to first delivery, how late the event loop is, idle
  peers    mailman-shipper and every peer that this machine can get, in turn, at the same work: rsyslog and syslog-ng by apt (only
           unpacked), Filebeat and the OpenTelemetry Collector by Go, which takes minutes once; Fluent Bit where FLUENT_BIT is its path.
           They are kept in BENCH_PEERS, else in the caches of the system or the user. --idle 60 and --live 10 seconds;
           --match TEXT for those whose names hold it. Linux only
  bounded  memory, event loop, open files and state under what strains them; only where asked for: about eight minutes, and
           --backlog 2000 MB of logs, which are made once and stay in the system's temporary directory; --outage 60 seconds;
           --match TEXT for those whose names hold it

  NODE_OPTIONS goes on to the program: to see what --max-semi-space-size=4 does, say.
  --verify  one more run of bulk and gzip each, in which the sink looks at every id and document
`
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: usual.join(',') },
    backlog: { type: 'string', default: '2000' },
    outage: { type: 'string', default: '60' },
    idle: { type: 'string', default: '60' },
    live: { type: 'string', default: '10' },
    match: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const records = Number(values.records)
const runs = Number(values.runs)
const only = new Set(values.only.split(','))
const limits = { backlogMb: Number(values.backlog), outageSeconds: Number(values.outage) }
const isCount = value => Number.isInteger(value) && value > 0
const seconds = { idleSeconds: Number(values.idle), liveSeconds: Number(values.live) }
const counts = [records, runs, limits.backlogMb, limits.outageSeconds, ...Object.values(seconds)]
if (values.help || !counts.every(isCount) || [...only].some(part => !parts.includes(part))) {
  process.stderr.write(help)
  process.exit(values.help ? 0 : 64)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130)) // and what it started ends too
const say = text => process.stderr.write(`${text}\n`)
const warning = checkBuild()
if (warning !== undefined) say(`! ${warning}`)
mkdirSync(cache, { recursive: true, mode: 0o700 })
const machine = lookAtMachine()
say('preparing the corpus')
const corpus = prepareCorpus(records)
const small = prepareCorpus(Math.min(records, 200_000))
const tiny = prepareCorpus(Math.min(records, 1_000))

const sink = await startSink()
try {
  const report = { machine, corpus, scenarios: [], against: [], bounded: [], starts: [], knownStarts: [], parsers: [] }
  const add = async (part, name, of, measure, more = {}) => {
    if (only.has(part)) report.scenarios.push({ name, records: of.records, runs: await repeat(name, measure), ...more })
  }
  if (values.verify) {
    for (const compression of ['none', 'gzip']) {
      await measureBulk(corpus, sink, compression, { verify: true })
      say(`verified, compression ${compression}: ${records} documents, each once`)
    }
  }
  if (only.has('peers')) {
    if (process.platform !== 'linux') say('! peers: Linux only')
    else
      report.against = await measureAgainst({ whole: corpus, small, tiny }, sink, { runs, match: values.match, ...seconds }, say)
  }
  const documentBytes = only.has('parse') ? { bytesPerEvent: await countDocumentBytes(small) } : {}
  await add('parse', 'parse to /dev/null', corpus, () => measureParse(corpus), documentBytes)
  await add('store', `embedded store, ${small.records.toLocaleString('en')} records`, small, () => measureStore(small))
  await add('bulk', 'bulk sink', corpus, () => measureBulk(corpus, sink, 'none'))
  await add('gzip', 'bulk sink, gzip', corpus, () => measureBulk(corpus, sink, 'gzip'))
  if (only.has('rest')) {
    report.starts = await repeat('start to first delivery', () => measureStart(tiny, sink))
    report.knownStarts = await repeat('start with 1,000 known files', () => measureKnownStart(sink))
    say('event loop')
    report.loop = await measureBulk(corpus, sink, 'none', { loop: true })
    say('idle')
    if (process.platform === 'linux') report.idle = await measureIdle(tiny, sink)
  }
  if (only.has('parsers')) report.parsers = measureParsers()
  if (only.has('stages')) {
    say('profile')
    report.stages = await measureStages(corpus, sink)
  }
  if (only.has('bounded')) {
    for (const [name, measure] of boundedScenarios(limits).filter(([name]) => name.includes(values.match)))
      report.bounded.push({ name, runs: await repeat(name, () => measure(sink)) })
  }
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : describe(report))
} finally {
  sink.close()
}

async function repeat(name, measure) {
  const results = []
  for (let i = 1; i <= runs; i++) {
    say(`${name}, run ${i} of ${runs}`)
    results.push(await measure())
  }
  return results
}

/** In a process of its own, whose heap and compiled code are only its. */
function measureParsers() {
  say('parsers')
  const run = prepareRun(small.directory, {})
  try {
    const script = join(import.meta.dirname, 'parsers.mjs')
    return JSON.parse(execFileSync(process.execPath, [script, run.config, small.directory]))
  } finally {
    run.remove()
  }
}

function lookAtMachine() {
  const project = join(import.meta.dirname, '../..')
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  let commit = 'no commit'
  try {
    commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: project, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  } catch {} // not a checkout
  return {
    date: new Date().toISOString().slice(0, 10),
    version,
    commit,
    node: [process.versions.node, process.env.NODE_OPTIONS].filter(Boolean).join(' with '),
    system: `${os.type()} ${os.release().split('-')[0]}`,
    cpu: os.cpus()[0].model.trim(),
    cpus: os.cpus().length,
    memoryGb: os.totalmem() / 2 ** 30,
    load: os.loadavg()[0],
  }
}
