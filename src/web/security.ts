/**
 * What keeps others out of the page. A web site that somebody visits cannot ask it in their name: no other origin may read it, and
 * under a name of that site's own (DNS rebinding) nothing is answered. What a log holds is never script: none but ours may run.
 */
import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'

export const headers: readonly (readonly [name: string, value: string])[] = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  ],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
]

const MAX_URL = 4096

/**
 * A number is nobody's name, so it is always taken; of names only `localhost` and those that are ours.
 * @param host of the request, with or without a port
 */
export function isOurHost(host: string | undefined, ours: readonly string[]): boolean {
  const [, name = ''] = /^(\[[\da-f:.]+\]|[\w.-]{1,253})(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  if (name.startsWith('[')) return isIP(name.slice(1, -1)) === 6
  return isIP(name) === 4 || name.toLowerCase() === 'localhost' || ours.some(own => own.toLowerCase() === name.toLowerCase())
}

/** Where something may be posted too: from this origin's own pages. */
export interface Posts {
  readonly paths: ReadonlySet<string>
  /** By forms, or by scripts as JSON, which no other site's page can send unasked. */
  readonly by: 'forms' | 'scripts'
  /**
   * `https://lists.example.org`, as browsers know it; undefined: not told. It is asked for where a browser does not say itself that
   * the page is the same origin's, which it does over https and on this host.
   */
  readonly origin: string | undefined
}

/** @param ours names under which the page may be asked for */
export function guard(ours: readonly string[], posts?: Posts): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context
    const isPost = req.method === 'POST' && posts !== undefined && posts.paths.has(req.path)
    const site = req.header('sec-fetch-site')
    const refusal = !isOurHost(req.header('host'), ours)
      ? ([421, 'This name is not one of this server: use its address, or localhost.'] as const)
      : req.method !== 'GET' && req.method !== 'HEAD' && !isPost
        ? ([405, 'Only GET: nothing can be changed here.'] as const)
        : req.url.length > MAX_URL
          ? ([414, 'The address is too long.'] as const)
          : isPost
            ? !isFromUs(site, req.header('origin'), req.header('host'), posts)
              ? ([403, 'Not from other web sites.'] as const)
              : posts.by === 'scripts' && !/^application\/json(?:;|$)/i.test(req.header('content-type') ?? '')
                ? ([415, 'JSON is wanted.'] as const)
                : undefined
            : ['cross-site', 'same-site'].includes(site ?? '') && req.path.startsWith('/api/')
              ? ([403, 'Not for other web sites.'] as const)
              : undefined
    if (refusal === undefined) await next()
    else context.res = context.text(`${refusal[1]}\n`, refusal[0])
    for (const [name, value] of headers) context.res.headers.set(name, value)
    // Without any referrer a browser does not say either where a form comes from.
    if (posts?.by === 'forms') context.res.headers.set('referrer-policy', 'same-origin')
    if (refusal?.[0] === 405) context.res.headers.set('allow', 'GET, HEAD')
  }
}

/** @param site what the browser says; undefined: nothing  @param host one that is ours */
function isFromUs(site: string | undefined, origin: string | undefined, host: string | undefined, posts: Posts): boolean {
  if (site !== undefined) return site === 'same-origin'
  return origin !== undefined && (origin === posts.origin || (posts.by === 'scripts' && origin === `http://${host}`))
}
