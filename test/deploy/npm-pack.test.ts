/** npm's package: what is in it, and that installing it runs nothing and brings what is needed. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

interface Packed {
  filename: string
  size: number
  unpackedSize: number
  bundled: string[]
  files: { path: string; mode: number; size: number }[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
// Without `prepare`, which builds: dist/ is there, and others use it.
const pack = (...options: string[]): Packed => {
  const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...options], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  })
  const parsed: Packed[] | Record<string, Packed> = JSON.parse(told)
  return Object.values(parsed)[0]!
}

t.test('what is in it', async t => {
  const { files, size, unpackedSize, bundled } = pack('--dry-run')
  const paths = files.map(({ path }) => path)
  const folders = new Set(
    paths.map(path =>
      path
        .split('/')
        .slice(0, path.startsWith('docs/') ? 3 : 2)
        .join('/'),
    ),
  )
  t.strictSame(
    [...folders].sort(),
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'deploy/README.md',
      'deploy/elastalert2',
      'deploy/grafana',
      'deploy/kibana',
      'deploy/prometheus',
      'deploy/systemd',
      'dist/parsers',
      'dist/src',
      'docs/alert.schema.json',
      'docs/alerting.md',
      'docs/operating.md',
      'docs/runbook.md',
      'docs/troubleshooting.md',
      'package.json',
    ],
    'nothing but this',
  )
  const stray =
    /\.map$|\.tsbuildinfo$|(?:^|\/)(?:test|node_modules|\.[^/]+)\/|\/\.[^/]+$|\.test\.[jt]s$|(?<!\.d)\.ts$|\.tgz$|\.env$/u
  t.strictSame(
    paths.filter(path => stray.test(path)),
    [],
    'no tests, source maps, sources, hidden files',
  )
  t.strictSame(bundled, [])
  t.ok(size < 1_000_000, `${size} bytes to fetch`)
  t.ok(unpackedSize < 4_000_000, `${unpackedSize} bytes on disk`)
  t.ok(paths.length < 1_200, `${paths.length} files`)
  t.strictSame(
    files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path),
    [manifest.bin['mailman-shipper']],
  )
  for (const given of Object.values<string | { default: string; types: string }>(manifest.exports))
    for (const path of Object.values(typeof given === 'string' ? [given] : given)) t.ok(paths.includes(path.slice(2)), path)
})

t.test('installed from the file', async t => {
  const directory = t.testdir({ 'package.json': '{"private":true}' })
  const { filename } = pack('--pack-destination', directory)
  // npm runs these of a package that is installed; `prepare` is not one of them.
  t.strictSame(
    Object.keys(manifest.scripts).filter(name => /^(?:pre|post)?install$/u.test(name)),
    [],
  )
  const prefix = join(directory, 'prefix')
  mkdirSync(prefix)
  writeFileSync(join(prefix, 'package.json'), '{"private":true}')
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(directory, filename)]
  execFileSync('npm', args, { cwd: prefix, stdio: 'pipe' })
  const installed: Record<string, { dev?: boolean; hasInstallScript?: boolean }> = JSON.parse(
    readFileSync(join(prefix, 'node_modules/.package-lock.json'), 'utf8'),
  ).packages
  const names = Object.keys(installed).map(path => path.replace(/^node_modules\//u, ''))
  for (const name of Object.keys(manifest.dependencies)) t.ok(names.includes(name), name)
  t.strictSame(
    Object.keys(manifest.devDependencies).filter(name => names.includes(name)),
    [],
    'nothing that only development needs',
  )
  t.strictSame(
    Object.entries(installed).filter(([path, { hasInstallScript }]) => hasInstallScript && !path.endsWith('/mailman-shipper')),
    [],
    'no dependency runs anything when it is installed',
  )
  const program = join(prefix, 'node_modules/.bin/mailman-shipper')
  t.equal(statSync(program).mode & 0o111, 0o111)
  t.equal(execFileSync(program, ['--version'], { cwd: '/', encoding: 'utf8' }).trim(), manifest.version)
})
