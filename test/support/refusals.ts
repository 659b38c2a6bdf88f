/** A real Elasticsearch that refuses the numbered lines of `vette` until that is mended, and the agent's story on it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { perform } from '../../src/delivery/request.js'
import { readSetAside, SET_ASIDE_FILE } from '../../src/delivery/set-aside-file.js'
import { runProgram } from './agent-process.js'
import { startElasticsearch } from './elasticsearch.js'
import { LogStory } from './log-story.js'
import { numberOf } from './mailman-writer.js'
import { makeSite } from './setup.js'
import { readCluster } from './stored.js'
import { until } from './until.js'

export class Refusals {
  readonly story: LogStory
  readonly file: string
  /** From now on the lines of `vette` are taken. */
  readonly mend: () => Promise<void>
  readonly rollOver: () => Promise<unknown>
  /** The messages that the server holds. */
  readonly #messages: () => Promise<string[]>
  readonly #t: Test

  constructor(t: Test, story: LogStory, server: Pick<Refusals, 'mend' | 'rollOver'> & { messages: () => Promise<string[]> }) {
    this.#t = t
    this.story = story
    this.file = join(story.state, SET_ASIDE_FILE)
    this.mend = server.mend
    this.rollOver = server.rollOver
    this.#messages = server.messages
  }

  /** One command of the program, with the story's configuration. */
  command(...args: string[]): ReturnType<typeof runProgram> {
    return runProgram([...args, '--config', this.story.configFile])
  }

  async setAside(): Promise<number[]> {
    const { entries } = await readSetAside(this.story.state)
    return entries.map(({ document }) => numberOf(JSON.parse(document.toString()).message))
  }

  /** Waits for so many; then each line from `first` on is set aside once, in order. */
  async setsAside(count: number, first = 0): Promise<void> {
    await until(
      async () => (await this.setAside()).length >= count,
      () => `${count} set aside; the agent's log: ${JSON.stringify(this.story.agent.log)}`,
    )
    this.#t.same(
      await this.setAside(),
      Array.from({ length: count }, (_, i) => first + i),
      'each once, in order',
    )
  }

  /** Waits for all lines; then the server holds each once. */
  async storesExactly(): Promise<void> {
    let numbers: number[] = []
    await until(
      async () => {
        numbers = (await this.#messages()).map(numberOf)
        return numbers.length >= this.story.next
      },
      () => `${this.story.next} stored; there are ${numbers.length}; the agent's log: ${JSON.stringify(this.story.agent.log)}`,
    )
    this.#t.same(
      numbers.sort((a, b) => a - b),
      Array.from({ length: this.story.next }, (_, i) => i),
      'each line is stored once',
    )
  }
}

/** @param options `allowLookup`: with a key that may read */
export async function makeRefusals(t: Test, options: { allowLookup?: boolean } = {}): Promise<Refusals> {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const story = new LogStory(t)
  const directory = join(story.directory, 'site')
  mkdirSync(directory)
  const site = makeSite(server, directory)
  const made = await site.setup(options)
  t.equal(made.code, 0, made.lines.join('\n'))
  const { client, close } = await site.admin()
  t.teardown(close)
  const { nodes, apiKeyFile, caFile, namespace } = site.config
  const stream = `logs-mailman.vette-${namespace}`
  const template = `/_index_template/refuses-${namespace}`
  // A text stands in the documents where this wants an object.
  const properties = { mailman: { properties: { hold: { properties: { reason_text: { type: 'object' } } } } } }
  const body = {
    index_patterns: [stream],
    priority: 500,
    data_stream: {},
    template: { mappings: { dynamic: false, properties } },
  }
  await perform(client, { method: 'PUT', path: template, body })
  const remove = () => perform(client, { method: 'DELETE', path: template })
  t.teardown(() => remove().catch(() => {}))
  const config = {
    host: { name: 'lists1.example.org' },
    logs: { directories: [story.logs], timezone: 'UTC' },
    state: { directory: story.state },
    elasticsearch: { nodes, apiKeyFile, caFile, namespace },
  }
  writeFileSync(story.configFile, JSON.stringify(config))
  const rollOver = () => perform(client, { method: 'POST', path: `/${stream}/_rollover` })
  const mend = async (): Promise<void> => {
    await remove()
    await rollOver()
  }
  const messages = async () => (await readCluster(client, namespace)).map(({ message }) => message)
  return new Refusals(t, story, { mend, rollOver, messages })
}
