/** Which address gets which answer: the page's own files, and what its scripts ask for as JSON. GET only, nothing is changed. */
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { ShipperError } from '../errors.js'
import type { EventStore } from '../store/query.js'
import type { Refusal, Site } from './answers.js'
import { offPage } from './ask/pages.js'
import { detailsOf } from './document.js'
import { type FormsOf, readAsked, readParameters } from './query.js'
import { countFacets, countReasons, countTimes, findRows, followMessage } from './questions.js'
import { guard } from './security.js'

/** A file of the page. */
export interface Asset {
  readonly type: string
  readonly body: Buffer<ArrayBuffer>
  readonly etag: string
}

export interface Surroundings {
  readonly site: Site
  /** Path, such as `/` and `/page.css`, → file. */
  readonly assets: ReadonlyMap<string, Asset>
  /** Names under which the page may be asked for, besides numbers and localhost. */
  readonly names: readonly string[]
  /**
   * The store, for one question: `rows` are found at once, `counts` may take a while. `signal`: nobody waits any more.
   * @throws ShipperError in place of the store's own errors
   */
  ask<T>(kind: 'rows' | 'counts', signal: AbortSignal, work: (store: EventStore) => Promise<T>): Promise<T>
  readonly formsOf: FormsOf
  /** Where people ask for a link to their list; undefined: nowhere. */
  readonly askUrl: string | undefined
}

export function makeRoutes({ site, assets, names, ask, formsOf, askUrl }: Surroundings): Hono {
  const app = new Hono()
  app.use(guard(names))
  app.use(compress({ threshold: 2048 }))

  type Ask = <T>(work: (store: EventStore) => Promise<T>) => Promise<T>
  const answer = (
    path: string,
    kind: 'rows' | 'counts',
    make: (parameters: URLSearchParams, ask: Ask) => Promise<object | undefined>,
  ): void => {
    app.get(`/api/${path}`, async context => {
      context.header('cache-control', 'no-store')
      const { signal } = context.req.raw
      const found = await make(new URL(context.req.url).searchParams, work => ask(kind, signal, work))
      return found === undefined
        ? refuse(context, 404, 'There is no such event.', 'It may be older than what is kept.')
        : context.json(found)
    })
  }
  const queryOf = (parameters: URLSearchParams) => readAsked(parameters, formsOf).query
  const idOf = (parameters: URLSearchParams) => readParameters(parameters).get('id') ?? ''

  answer('site', 'rows', async () => site)
  answer('events', 'rows', async (given, ask) => {
    const { query, limit } = readAsked(given, formsOf)
    return ask(store => findRows(store, query, limit))
  })
  answer('times', 'counts', async (given, ask) => ask(store => countTimes(store, queryOf(given))))
  answer('facets', 'counts', async (given, ask) => ask(store => countFacets(store, queryOf(given))))
  answer('reasons', 'counts', async (given, ask) => ask(store => countReasons(store, queryOf(given))))
  answer('message', 'rows', async (given, ask) => ask(store => followMessage(store, idOf(given))))
  answer('event', 'rows', async (given, ask) => {
    const event = await ask(store => store.byId(idOf(given)))
    return event && detailsOf(event)
  })

  app.get('/ask', context => {
    context.header('cache-control', 'no-store')
    return askUrl === undefined ? context.html(offPage(`mailman-shipper ${site.version}`)) : context.redirect(askUrl)
  })

  app.get('*', context => {
    const asset = assets.get(context.req.path)
    if (asset === undefined) return refuse(context, 404, 'There is no such page.', 'The page begins at /.')
    return answerAsset(context, asset)
  })
  app.onError((error, context) => {
    if (!(error instanceof ShipperError)) return refuse(context, 500, 'This is a mistake of the program.', 'Please report it.')
    return refuse(context, error.code === 'MLS_WEB_QUERY' ? 400 : 503, error.message, error.remedy)
  })
  return app
}

export function answerAsset(context: Context, { type, body, etag }: Asset): Response {
  context.header('cache-control', 'no-cache')
  context.header('etag', etag)
  if (context.req.header('if-none-match')?.includes(etag)) return context.body(null, 304)
  return context.body(body, 200, { 'content-type': type })
}

function refuse(context: Context, status: 400 | 404 | 500 | 503, message: string, remedy: string): Response {
  return context.json({ message, remedy } satisfies Refusal, status, { 'cache-control': 'no-store' })
}
