/**
 * K1–K11: killed with -9 between two steps, three times in a row at the same place. Where the step is a system call, strace kills the
 * agent as it makes it; else the server does, at the right moment. After that: every line is stored once or set aside, in order.
 *
 * Two places are one from outside: nothing that can be seen is done between an answer and the checkpoint's file (K3, K4). The model in
 * test/model kills there too.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readSetAside, SET_ASIDE_FILE } from '../../src/delivery/set-aside-file.js'
import { type BulkScript, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { until } from '../support/until.js'

const skip = process.getuid?.() !== 0 && 'only root may surely trace: sudo npx tap test/faults'

t.jobs = 3 // most of the time is waiting

type Server = Awaited<ReturnType<typeof startFakeElasticsearch>>

interface Place {
  readonly name: string
  /** Made ready before each start of an agent that is to be killed. */
  readonly arm: (story: LogStory, server: Server) => void
  /** The server refuses some documents for good. */
  readonly refuses?: true
  /** Lines written before each start; default: 40. */
  readonly lines?: number
}

/** Killed as it makes a call of this name that is about one of these files. */
const atCall =
  (calls: string, files: (story: LogStory) => string[], when = 1) =>
  (story: LogStory): void => {
    const paths = files(story).flatMap(path => ['-P', path])
    // It counts the calls of each thread apart.
    const strace = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-E', 'UV_THREADPOOL_SIZE=1', ...paths]
    story.agent.under = [...strace, '-e', `trace=${calls}`, '-e', `inject=${calls}:signal=SIGKILL:when=${when}`]
  }

const inState = (...names: string[]) => {
  return (story: LogStory): string[] => names.map(name => join(story.state, name))
}
const newSlots = inState('checkpoint.0.new', 'checkpoint.1.new')

const kill = (story: LogStory): void => {
  process.kill(story.agent.pid, 'SIGKILL')
}

const places: readonly Place[] = [
  // So many lines that they take two readings, behind that of the file's head.
  { name: 'K1: read, before a batch', lines: 400, arm: atCall('pread64', story => [story.path()], 3) },
  {
    name: 'K2: sent, before the answer',
    arm: (story, server) =>
      server.next((_, store) => {
        store()
        kill(story)
        return 'hang'
      }),
  },
  {
    name: 'K3: the answer is there, before the ledger',
    arm: (story, server) =>
      server.next((_, store) => {
        setImmediate(() => kill(story))
        return { body: store() }
      }),
  },
  { name: 'K4: ledger, before the checkpoint is written', arm: atCall('openat', newSlots) },
  { name: 'K5: written, before fsync', arm: atCall('fsync', newSlots) },
  { name: 'K6: synced, before the rename', arm: atCall('rename', newSlots) },
  { name: 'K7: renamed, before the directory is synced', arm: atCall('fsync', inState('')) },
  {
    name: 'K8: inside an append to the set-aside file',
    refuses: true,
    arm: story => {
      // What a write leaves that was cut in the middle.
      if (existsSync(join(story.state, SET_ASIDE_FILE))) appendFileSync(join(story.state, SET_ASIDE_FILE), '{"at":"2026-')
      atCall('write', inState(SET_ASIDE_FILE))(story)
    },
  },
  { name: 'K9: set aside and synced, before the ledger', refuses: true, arm: atCall('close', inState(SET_ASIDE_FILE)) },
  { name: 'K10: locked, before the checkpoint is read', arm: atCall('openat', inState('checkpoint.0')) },
  {
    name: 'K11: while it drains',
    arm: (story, server) =>
      server.next(
        () => {
          process.kill(story.agent.pid, 'SIGTERM')
          return { status: 503, body: { error: { type: 'unavailable_shards_exception' } } }
        },
        (_, store) => {
          store()
          kill(story)
          return 'hang'
        },
      ),
  },
]

const isRefused = (document: string): boolean => numberOf(document) % 10 === 3

/** As a mapping refuses documents: the others of the request are stored. */
const refusing =
  (stored: Map<string, string>): BulkScript =>
  (request, store) => {
    const { items } = store() as { items: object[] }
    const refusal = { create: { status: 400, error: { type: 'document_parsing_exception', reason: 'no' } } }
    const answers = request.document.map((document, i) => {
      if (!isRefused(document)) return items[i]
      stored.delete(`${request.index[i]}/${request.id[i]}`)
      return refusal
    })
    return { body: { errors: true, items: answers } }
  }

async function torment(t: Test, { arm, refuses, lines = 40 }: Place): Promise<void> {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  if (refuses) server.next(...new Array<BulkScript>(50).fill(refusing(server.stored as Map<string, string>)))
  const numbers = (): number[] => [...server.stored.values()].map(numberOf)
  const aside = async (): Promise<Set<number>> =>
    new Set((await readSetAside(story.state)).entries.map(({ document }) => numberOf(document.toString())))
  for (let round = 0; round < 3; round++) {
    story.write(lines)
    arm(story, server)
    story.start()
    t.equal(await story.agent.exit(), null, 'killed')
    if (round === 1) {
      story.rotate()
      story.reopen()
    }
  }
  story.agent.under = []
  story.write(10)
  story.start()
  const expected = Array.from({ length: story.next }, (_, number) => number)
  await until(
    async () => numbers().length + (await aside()).size >= story.next,
    () => `all lines; ${server.stored.size} are stored, the agent says ${JSON.stringify(story.agent.log.slice(-4))}`,
  )
  await story.stop()
  t.same(
    numbers(),
    expected.filter(number => !refuses || number % 10 !== 3),
    'each line is stored once, in order',
  )
  t.same([...(await aside())], refuses ? expected.filter(number => number % 10 === 3) : [], 'and the others are set aside')
}

for (const place of places) t.test(place.name, { skip }, t => torment(t, place))
