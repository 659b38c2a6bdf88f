// The files of the package but its control files and runtime. The program is built from a copy of its sources, so that nothing that
// an earlier build left in dist/ gets in.
import { cpSync, existsSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { commandsOf } from './commands.mjs'
import { completion } from './completion.mjs'
import { maintainer } from './control.mjs'
import { manual } from './manual.mjs'
import { entriesOf, put, run } from './tree.mjs'

const here = name => ({ from: fileURLToPath(new URL(name, import.meta.url)) })
const home = 'usr/lib/mailman-shipper'
/** Beside dist/, where the program looks for them. */
const assets = ['package.json', 'LICENSE', 'deploy/kibana/mailman.ndjson', 'deploy/kibana/rules.json']
const documents = [
  'README.md',
  'docs/alert.schema.json',
  'docs/alerting.md',
  'docs/operating.md',
  'docs/runbook.md',
  'docs/troubleshooting.md',
  'docs/web.md',
]

/** What no run needs, by name: types, source maps, sources; of others' packages tests and papers too. Licences stay. */
const isSurplus = path =>
  path.startsWith('dist/')
    ? /\.(?:map|d\.ts)$/.test(path)
    : /\.(?:map|[cm]?ts|tsbuildinfo|ya?ml|html|zip|sh)$|\/\.[^/]+$/.test(path) ||
      /^node_modules\/(?:@[^/]+\/)?[^/]+\/(?:__tests__|bench(?:mark)?s?|docs?|examples?|tests?)\//.test(path) ||
      (/\.(?:md|markdown)$/i.test(path) && !/(?:licen[cs]e|copying|notice)[^/]*$/i.test(path))

export async function stage(project, work, tree, { arch, isSlim, isBuilt, version, epoch }) {
  const source = join(work, 'source')
  const parts = isBuilt ? ['dist/src', 'dist/parsers'] : ['src', 'parsers', '.ci/finish-build.mjs', 'tsconfig.json']
  for (const path of [...parts, 'package.json', 'package-lock.json'])
    cpSync(join(project, path), join(source, path), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(source, 'node_modules'))
  if (!isBuilt) run('npm', ['run', 'build'], {}, source)
  const commands = await commandsOf(source)
  cpSync(join(source, 'dist'), join(tree, home, 'dist'), { recursive: true })
  rmSync(join(source, 'node_modules'))

  const forTarget = ['--os=linux', `--cpu=${arch === 'amd64' ? 'x64' : 'arm64'}`, '--libc=glibc']
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...forTarget], {}, source)
  const modules = join(tree, home, 'node_modules')
  cpSync(join(source, 'node_modules'), modules, { recursive: true, filter: from => !/node_modules\/\.[^/]+$/.test(from) })
  // npm cannot tell this one's C library: both come.
  for (const { path, entry } of entriesOf(join(modules, '@libsql')))
    if (entry.isDirectory() && basename(path).endsWith('-musl')) rmSync(join(modules, '@libsql', path), { recursive: true })
  for (const { path, entry } of entriesOf(join(tree, home)))
    if (!entry.isDirectory() && isSurplus(path)) rmSync(join(tree, home, path))
  for (const { path, entry } of entriesOf(join(tree, home)).reverse())
    if (entry.isDirectory() && readdirSync(join(tree, home, path)).length === 0) rmdirSync(join(tree, home, path))

  for (const path of assets) put(tree, join(home, path), { from: join(project, path) })
  put(tree, 'usr/bin/mailman-shipper', here(isSlim ? 'mailman-shipper.slim.sh' : 'mailman-shipper.full.sh'))
  put(tree, 'lib/systemd/system/mailman-shipper.service', here('../systemd/mailman-shipper.service'))
  put(tree, 'etc/mailman-shipper/config.yaml', here('config.yaml'))
  put(tree, 'usr/share/bash-completion/completions/mailman-shipper', completion(commands))
  put(tree, 'usr/share/man/man1/mailman-shipper.1.gz', gzip(manual(commands, version, epoch)))

  const shelf = `usr/share/doc/${isSlim ? 'mailman-shipper-slim' : 'mailman-shipper'}`
  for (const path of documents)
    if (existsSync(join(project, path))) put(tree, join(shelf, basename(path)), { from: join(project, path) })
  put(tree, join(shelf, 'systemd.md'), here('../systemd/README.md'))
  put(tree, join(shelf, 'copyright'), here('copyright'))
  put(tree, join(shelf, 'changelog.gz'), gzip(readFileSync(join(project, 'CHANGELOG.md'))))
  put(tree, join(shelf, 'changelog.Debian.gz'), gzip(debianChangelog(basename(shelf), version, epoch)))
}

/** Node writes no time into it. */
const gzip = content => gzipSync(content, { level: 9 })

function debianChangelog(name, version, epoch) {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return `${name} (${version}) stable; urgency=medium\n\n  * See changelog.gz for what changed.\n\n -- ${maintainer}  ${date}\n`
}
