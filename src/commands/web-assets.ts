/** The page's own files, read once at start: ours from the build, the chart library's from its package. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Asset } from '../web/routes.js'

const page = (name: string): string => fileURLToPath(new URL(`../web/page/${name}`, import.meta.url))
const library = createRequire(import.meta.url).resolve

const scripts = [
  'address',
  'alert-details',
  'alert-state',
  'alert-times',
  'alerts',
  'api',
  'band',
  'chart',
  'details',
  'drag',
  'elements',
  'facets',
  'message',
  'open',
  'reasons',
  'rows',
  'search',
  'time',
]

const files: readonly (readonly [path: string, file: string])[] = [
  ['/', page('search.html')],
  ['/alerts', page('alerts.html')],
  ['/message', page('message.html')],
  ['/reasons', page('reasons.html')],
  ['/page.css', page('page.css')],
  ['/alerts.css', page('alerts.css')],
  ['/icon.svg', page('icon.svg')],
  ...scripts.map(name => [`/${name}.js`, page(`${name}.js`)] as const),
  // Where the scripts find them: they import ../answers.js and ../../diagnostics/printable.js, and nothing is above the root.
  ['/answers.js', page('../answers.js')],
  ['/diagnostics/printable.js', page('../../diagnostics/printable.js')],
  ['/uplot.js', library('uplot/dist/uPlot.iife.min.js')],
  ['/uplot.css', library('uplot/dist/uPlot.min.css')],
]

const types = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
])

export function readAssets(): ReadonlyMap<string, Asset> {
  return new Map(
    files.map(([path, file]) => {
      const body = readFileSync(file)
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      return [path, { type: types.get(extname(file))!, body, etag }]
    }),
  )
}
