// What tsc leaves to do. It writes files 0644: the command must be executable, since npm links it before `prepare` has built it. And it
// leaves alone what is no TypeScript: the page's own HTML, style and icon.
import { chmodSync, cpSync, mkdirSync, readdirSync } from 'node:fs'

const from = new URL('../src/web/page/', import.meta.url)
const to = new URL('../dist/src/web/page/', import.meta.url)
mkdirSync(to, { recursive: true })
for (const name of readdirSync(from).filter(name => /\.(?:html|css|svg)$/.test(name)))
  cpSync(new URL(name, from), new URL(name, to))

chmodSync(new URL('../dist/src/main.js', import.meta.url), 0o755)
