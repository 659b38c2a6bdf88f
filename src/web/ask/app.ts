/**
 * The small site that strangers may reach: to ask for a link, and what a link opens. It has an address of its own and knows no way to
 * the whole page's answers, so there is no mode in which they could be mistaken for each other. All paths are relative: it may
 * stand below any path of a proxy.
 */
import { isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { ShipperError } from '../../errors.js'
import type { EventStore } from '../../store/query.js'
import { timeIn } from '../page/time.js'
import type { FormsOf } from '../query.js'
import { type Asset, answerAsset } from '../routes.js'
import { guard } from '../security.js'
import { eventsPage } from './events-page.js'
import { neighbourhoodOf } from './limits.js'
import type { Grant } from './link.js'
import { findList, listOf, type OneList } from './list.js'
import { listPage } from './list-page.js'
import { openListStore } from './list-store.js'
import { type Frame, type Markup, pageOf } from './markup.js'
import { messagePage } from './message-page.js'
import { askedPage, askPage, closedPage, openPage, refusalPage } from './pages.js'
import { type Desk, type LinkRequests, most } from './requests.js'

export interface AskSurroundings extends Desk {
  readonly requests: Pick<LinkRequests, 'take'>
  /** IANA name */
  readonly zone: string
  readonly version: string
  readonly assets: ReadonlyMap<string, Asset>
  /** Under which it may be asked for, besides the public one, numbers and localhost. */
  readonly names: readonly string[]
  readonly trustProxy: boolean
  readonly formsOf: FormsOf
}

const MAX_BODY_BYTES = 4096
const files = ['/page.css', '/icon.svg', '/open.js']

export function makeAskApp(surroundings: AskSurroundings): Hono {
  const { publicUrl, names, assets, zone, version, requests, log, limits, signer, domains, ask, now, formsOf } = surroundings
  const { origin, hostname, protocol, pathname } = new URL(publicUrl)
  const time = timeIn(zone)
  const foot = `mailman-shipper ${version}`
  const isSafe = protocol === 'https:'
  const cookie = isSafe ? `__Secure-list` : 'list'
  const cookieOptions = { path: pathname, secure: isSafe, httpOnly: true, sameSite: 'Strict' } as const
  const app = new Hono()
  app.use(guard([hostname, ...names], { paths: new Set(['/', '/open', '/close']), by: 'forms', origin }))
  app.use(compress({ threshold: 2048 }))
  app.use(async (context, next) => {
    context.header('cache-control', 'no-store')
    await next()
  })
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: context => context.html(refusalPage(foot, 'Too long.', ''), 413) }))

  const fieldOf = async (context: Context, name: string): Promise<string> =>
    new URLSearchParams(await context.req.text()).get(name) ?? ''
  const clientOf = (context: Context): string => neighbourhoodOf(addressOf(context, surroundings.trustProxy))
  const closed = (context: Context): Response | Promise<Response> => {
    deleteCookie(context, cookie, cookieOptions)
    return context.html(closedPage(foot), 403)
  }

  app.get('/', context => context.html(askPage(foot)))
  app.post('/', async context => {
    requests.take(await fieldOf(context, 'list'), clientOf(context))
    return context.redirect('asked', 303)
  })
  app.get('/asked', context => context.html(askedPage(foot)))
  app.get('/open', context => context.html(openPage(foot)))
  app.post('/open', async context => {
    const grant = signer.read('mail', await fieldOf(context, 'code'), now())
    const list = grant === undefined ? undefined : await ask(store => stillThere(store, grant))
    if (grant === undefined || list === undefined) {
      // A signature cannot be guessed, but a log can be filled.
      if (limits.count('no valid link', most.told) === 0) log.warn({ outcome: 'no valid link' }, 'a list was to be opened')
      return closed(context)
    }
    log.info({ list: `${list.name}@${list.domain}`, outcome: 'opened' }, 'a list was to be opened')
    const maxAge = Math.max(1, grant.endsS - Math.floor(now() / 1000))
    setCookie(context, cookie, signer.sign('cookie', grant), { ...cookieOptions, maxAge })
    return context.redirect('list', 303)
  })
  app.post('/close', context => {
    deleteCookie(context, cookie, cookieOptions)
    return context.redirect('./', 303)
  })

  /** The list that the link was for, if it is still the only one of its name. */
  async function stillThere(store: EventStore, { list, domain }: Grant): Promise<OneList | undefined> {
    const name = list.split('@')[0] ?? ''
    const found = await findList(store, `${name}@${domain}`, domains)
    return found?.value === list ? found : undefined
  }

  type Make = (store: EventStore, list: OneList, parameters: URLSearchParams) => Promise<Markup>
  const page = (at: NonNullable<Frame['at']>, title: string, make: Make): void => {
    app.get(`/${at}`, async context => {
      const grant = signer.read('cookie', getCookie(context, cookie) ?? '', now())
      const list = grant && listOf(grant.list, grant.domain, domains)
      if (list === undefined) return closed(context)
      const name = `${list.name}@${list.domain}`
      const { searchParams } = new URL(context.req.url)
      const body = await ask(store => make(openListStore(store, list), list, searchParams))
      log.info({ list: name, page: at }, 'a list’s page was read')
      return context.html(
        pageOf({ title: `${title}: ${name}`, list: name, at, foot: `${name} · times in ${zone} · ${foot}` }, body),
      )
    })
  }
  page('list', 'The list', (store, list) =>
    listPage(store, list.value, `${list.name}@${list.domain}`, { nowMs: now(), say: time.say }),
  )
  page('events', 'Events', (store, _, parameters) => eventsPage(store, parameters, { time, formsOf }))
  page('message', 'One message', (store, _, parameters) => messagePage(store, parameters, time.say))

  for (const path of files) {
    const asset = assets.get(path)
    if (asset !== undefined) app.get(path, context => answerAsset(context, asset))
  }
  app.notFound(context => context.html(refusalPage(foot, 'There is no such page.', ''), 404))
  app.onError((error, context) => {
    if (error instanceof ShipperError && error.code === 'MLS_WEB_QUERY')
      return context.html(refusalPage(foot, error.message, 'Begin again at the list’s page.'), 400)
    // What is wrong with the site is not for strangers: its log has it.
    log.warn(error instanceof ShipperError ? { code: error.code } : { err: error }, 'a list’s page could not be shown')
    return context.html(refusalPage(foot, 'This cannot be shown now.', 'Try again later.'), 503)
  })
  return app
}

/** Whose request it is: as the socket says, or as the proxy says, where that is believed. */
function addressOf(context: Context, trustProxy: boolean): string {
  const last = trustProxy ? context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined
  return last !== undefined && isIP(last) !== 0 ? last : (getConnInfo(context).remote.address ?? '')
}
