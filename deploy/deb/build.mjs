// `npm run package -- [--slim] [--arch amd64|arm64] [--out DIR] [--revision N] [--built] [--fast]` builds the Debian package, by default with
// the runtime of runtime.json inside, for amd64, into out/. Needs node, npm, git and dpkg-deb, and this checkout after `npm ci`.
// Two builds of a commit give the same bytes. --revision: packaged again, with another runtime; For tests, --built:
// dist/ as it is; --fast: compressed less.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeControl } from './control.mjs'
import { addRuntime, runtime } from './runtime.mjs'
import { stage } from './stage.mjs'
import { run, settle } from './tree.mjs'

const project = fileURLToPath(new URL('../..', import.meta.url))
const { values: asked } = parseArgs({
  options: {
    slim: { type: 'boolean', default: false },
    arch: { type: 'string', default: 'amd64' },
    out: { type: 'string', default: join(project, 'out') },
    revision: { type: 'string' },
    built: { type: 'boolean', default: false },
    fast: { type: 'boolean', default: false },
  },
})

const fail = message => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
if (!['amd64', 'arm64'].includes(asked.arch)) fail('--arch is amd64 or arm64.')
if (asked.revision !== undefined && !/^[1-9]\d*$/.test(asked.revision)) fail('--revision is a number from 1.')
if (spawnSync('dpkg-deb', ['--version']).status !== 0)
  fail('dpkg-deb is missing. Type: apt-get install dpkg (dnf install dpkg, brew install dpkg)')

/** Seconds. All times in the package: that of the commit. */
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? spawnSync('git', ['-C', project, 'log', '-1', '--format=%ct']).stdout)
if (!(epoch > 0))
  fail('Not a checkout of git: say SOURCE_DATE_EPOCH=SECONDS, the time that all files in the package are to have.')

const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
const what = {
  name: asked.slim ? 'mailman-shipper-slim' : 'mailman-shipper',
  // 1.0.0-rc.1 comes before 1.0.0.
  version: version.replace('-', '~') + (asked.revision === undefined ? '' : `-${asked.revision}`),
  arch: asked.arch,
  isSlim: asked.slim,
  isBuilt: asked.built,
  epoch,
}

const work = mkdtempSync(join(tmpdir(), 'mailman-shipper-package-'))
try {
  const tree = join(work, 'tree')
  await stage(project, work, tree, what)
  if (!what.isSlim) addRuntime(work, tree, what.arch)
  writeControl(tree, what)
  settle(tree, epoch)
  const file = resolve(asked.out, `${what.name}_${what.version}_${what.arch}.deb`)
  mkdirSync(asked.out, { recursive: true })
  // xz: Debian 11 reads no zstd.
  const compression = asked.fast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6']
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, file], { SOURCE_DATE_EPOCH: String(epoch) })
  process.stdout.write(`${file}${what.isSlim ? '' : `, with Node.js ${runtime.version}`}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
