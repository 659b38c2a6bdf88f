/**
 * Which address gets which answer: the page's own files, and what its scripts ask for as JSON. The one thing that is changed is that
 * somebody knows of an alert.
 */
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { ShipperError } from '../errors.js'
import { alertEventId } from '../notify/alert-event.js'
import type { EventStore } from '../store/query.js'
import { type AlertDesk, findAlerts } from './alerts.js'
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
  readonly alerts: AlertDesk
  /** The page's own, as browsers know it behind a proxy; undefined: not told. */
  readonly origin: string | undefined
}

/** `{"key":"0123456789"}` is all that is taken. */
const MAX_BODY = 200

export function makeRoutes({ site, assets, names, ask, formsOf, askUrl, alerts, origin }: Surroundings): Hono {
  const app = new Hono()
  app.use(guard(names, { paths: new Set(['/api/acknowledge']), by: 'scripts', origin }))
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
  answer('alerts', 'rows', async (given, ask) => ask(store => findAlerts(store, queryOf(given), alerts)))
  app.post('/api/acknowledge', async context => {
    context.header('cache-control', 'no-store')
    const key = readKey(await textOf(context.req.raw))
    if (key === undefined) return refuse(context, 400, 'An alert’s key is wanted.', 'Begin again at the start of the page.')
    const event = await ask('rows', context.req.raw.signal, store => store.byId(alertEventId(alerts, key, 'raised')))
    const { hostName } = alerts
    const command = `\`mailman-shipper alerts ack ${key}\``
    if (event === undefined)
      return refuse(context, 404, `It was not raised on ${hostName}.`, `Acknowledge it where it was: ${command}.`)
    try {
      await alerts.acknowledge(key)
    } catch (error) {
      if (!(error instanceof ShipperError)) throw error
      return refuse(
        context,
        403,
        'It cannot be acknowledged from here.',
        `On ${hostName}, as root or as the agent’s user: ${command}.`,
      )
    }
    return context.json({})
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

function refuse(context: Context, status: 400 | 403 | 404 | 500 | 503, message: string, remedy: string): Response {
  return context.json({ message, remedy } satisfies Refusal, status, { 'cache-control': 'no-store' })
}

/** @returns nothing of what is too long */
async function textOf({ body }: Request): Promise<string> {
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString('latin1')
    if (text.length > MAX_BODY) return ''
  }
  return text
}

function readKey(text: string): string | undefined {
  try {
    const { key } = JSON.parse(text) as { key?: unknown }
    return typeof key === 'string' && /^[0-9a-f]{10}$/.test(key) ? key : undefined
  } catch {
    return undefined
  }
}
