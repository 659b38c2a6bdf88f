/**
 * The official client, without what it brings along and never runs here: undici (whole-request.ts sends instead), whose WebAssembly
 * alone takes 40 MB while V8 compiles it, and OpenTelemetry, which is switched off. Something stands in for each of them
 * while the client is loaded. It is loaded as CommonJS: as the ES modules that it is made of as well it takes twice the
 * memory.
 *
 * Of its hundred files of API the agent needs a few: each is loaded when something of it is first called.
 *
 * What is already there stays, so where this should miss its aim one day, all is in memory again, and nothing else changes.
 */
import { readdirSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Elastic from '@elastic/elasticsearch'

/** Of `@elastic/transport`, with what is asked of each: a client is made with a tracer, which is never used. */
const unused = [
  { name: 'undici', exports: {} },
  { name: '@opentelemetry/core', exports: {} },
  { name: '@opentelemetry/api', exports: { __esModule: true, default: { trace: { getTracer: () => undefined } } } },
]

const require = createRequire(import.meta.url)

type Callee = { new (...args: unknown[]): object } & ((...args: unknown[]) => unknown)

/** In place of a module whose default is a class or a method of the client. */
function loadedWhenCalled(path: string) {
  function standIn(this: unknown, ...args: unknown[]): unknown {
    const { default: real } = require(path) as { default: Callee }
    return new.target === undefined ? real.apply(this, args) : new real(...args)
  }
  return { __esModule: true, default: standIn }
}

function load(): typeof Elastic {
  // The transport has no other switch that the client would hand on (elastic.co/docs: JavaScript client, OpenTelemetry).
  process.env.OTEL_ELASTICSEARCH_ENABLED = 'false'
  const client = createRequire(require.resolve('@elastic/elasticsearch'))
  const transport = createRequire(client.resolve('@elastic/transport'))
  const api = join(dirname(require.resolve('@elastic/elasticsearch')), 'lib/api/api')
  const standIns = [
    ...unused.map(({ name, exports }) => ({ path: transport.resolve(name), exports })),
    ...readdirSync(api)
      .filter(name => name.endsWith('.js'))
      .map(name => ({ path: join(api, name), exports: loadedWhenCalled(join(api, name)) })),
  ].filter(({ path }) => require.cache[path] === undefined)
  for (const { path, exports } of standIns)
    require.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true, exports })
  try {
    return require('@elastic/elasticsearch')
  } finally {
    for (const { path } of standIns) delete require.cache[path]
  }
}

const elastic = load()

export const Client = elastic.Client
export type Client = Elastic.Client
export const HttpConnection = elastic.HttpConnection
export type HttpConnection = Elastic.HttpConnection
export const Serializer = elastic.Serializer
export const BaseConnectionPool = elastic.BaseConnectionPool
export type BaseConnectionPool = Elastic.BaseConnectionPool
export const errors = elastic.errors
