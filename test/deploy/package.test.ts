/** The Debian package that carries its own Node.js: what is in it, and that program, manual page, completion and scripts are sound. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { needPackages } from '../support/apt.mjs'
import { builtPackage } from '../support/package.js'
import { filesBelow, glibcAsked, home, listPackage, must, unpack, whyNoDpkg } from '../support/package-contents.js'
import { execute } from '../support/systemd-host-system.js'

t.setTimeout(600_000)
const project = fileURLToPath(new URL('../..', import.meta.url))
const has = async (command: string) => (await execute('sh', ['-c', `command -v ${command}`])).code === 0

t.test('the package', { skip: (await whyNoDpkg()) ?? false }, async t => {
  const file = await builtPackage('full')
  const tree = await unpack(t, file)
  const read = (path: string) => readFileSync(join(tree, path), 'utf8')
  const program = (...args: string[]) => execute(join(tree, home, 'bin/node'), [join(tree, home, 'dist/src/main.js'), ...args])
  const help = (await program('--help')).stdout
  const commands = [...help.matchAll(/^ {2}mailman-shipper (\S+)/gm)].map(([, name]) => name!)

  t.test('files are root’s, and nobody else’s to write; two are programs', async t => {
    const entries = await listPackage(file)
    t.strictSame([...new Set(entries.map(({ owner }) => owner))], ['root/root'])
    t.strictSame([...new Set(entries.map(({ mode }) => mode))].sort(), ['-rw-r--r--', '-rwxr-xr-x', 'drwxr-xr-x'])
    const programs = entries.filter(({ mode }) => mode === '-rwxr-xr-x').map(({ path }) => path)
    t.strictSame(programs, ['usr/bin/mailman-shipper', `${home}/bin/node`])
  })

  t.test('what lies where', async t => {
    const inProgram = [`${home}/dist/`, `${home}/node_modules/`, 'usr/share/doc/']
    t.strictSame(
      filesBelow(tree).filter(path => !inProgram.some(prefix => path.startsWith(prefix))),
      [
        ...['conffiles', 'control', 'md5sums', 'postinst', 'postrm', 'prerm'].map(name => `DEBIAN/${name}`),
        'etc/mailman-shipper/config.yaml',
        'lib/systemd/system/mailman-shipper.service',
        'usr/bin/mailman-shipper',
        ...[
          'LICENSE',
          'bin/LICENSE.node',
          'bin/node',
          'deploy/kibana/mailman.ndjson',
          'deploy/kibana/rules.json',
          'package.json',
        ].map(path => `${home}/${path}`),
        'usr/share/bash-completion/completions/mailman-shipper',
        'usr/share/man/man1/mailman-shipper.1.gz',
      ],
    )
    t.equal(read('DEBIAN/conffiles'), '/etc/mailman-shipper/config.yaml\n')
    const unit = readFileSync(join(project, 'deploy/systemd/mailman-shipper.service'), 'utf8')
    t.equal(read('lib/systemd/system/mailman-shipper.service'), unit, 'the unit as it is')
  })

  t.test('the libraries that a run needs, and no others', async t => {
    const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; optional?: boolean; peer?: boolean }>
    }
    const needed = Object.entries(lock.packages)
      .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
      .map(([path]) => path)
    t.ok(needed.length > 30)
    const there = filesBelow(tree, home)
      .map(path => /^usr\/lib\/mailman-shipper\/(node_modules\/.*)\/package\.json$/.exec(path)?.[1])
      .filter(path => path !== undefined && Object.hasOwn(lock.packages, path))
    t.strictSame(there.sort(), [...needed, 'node_modules/@libsql/linux-x64-gnu'].sort())
    const unlicensed = there.filter(path => {
      const licences = (at: string) => readdirSync(at).filter(name => /^(?:licen[cs]e|copying|notice)/i.test(name))
      const own = join(project, path!)
      return existsSync(own) && String(licences(own)) !== String(licences(join(tree, home, path!)))
    })
    t.strictSame(unlicensed, [], 'each with its licence')
  })

  t.test('no tests, sources, source maps, or names of the machine that built it', async t => {
    const surplus = filesBelow(tree, home).filter(path => /\.(?:map|[cm]?ts)$|\.test\.|node_modules\/\./.test(path))
    t.strictSame(surplus, [])
    const own = filesBelow(tree).filter(path => !path.startsWith(`${home}/node_modules/`) && path !== `${home}/bin/node`)
    t.strictSame(
      own.filter(path => read(path).includes(project)),
      [],
    )
  })

  t.test('what dpkg is told is true', async t => {
    const sums = read('DEBIAN/md5sums').trimEnd().split('\n')
    const files = filesBelow(tree).filter(path => !path.startsWith('DEBIAN/'))
    t.strictSame(sums.map(line => line.slice(34)).sort(), files)
    const wrong = sums.filter(
      line =>
        createHash('md5')
          .update(readFileSync(join(tree, line.slice(34))))
          .digest('hex') !== line.slice(0, 32),
    )
    t.strictSame(wrong, [])
    const control = read('DEBIAN/control')
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }
    t.match(control, `Package: mailman-shipper\nVersion: ${version}\nArchitecture: amd64\n`)
    const binaries = [`${home}/bin/node`, ...files.filter(path => path.endsWith('/index.node'))]
    t.equal(binaries.length, 2)
    const asked = Math.max(...(await Promise.all(binaries.map(path => glibcAsked(join(tree, path))))))
    t.match(control, `Depends: libc6 (>= 2.${asked}), `)
  })

  t.test('runs: each command loads, and the embedded store works', async t => {
    const runtime = JSON.parse(readFileSync(join(project, 'deploy/deb/runtime.json'), 'utf8')) as { version: string }
    t.equal(await must(join(tree, home, 'bin/node'), '--version'), `v${runtime.version}\n`)
    t.ok(commands.length > 15)
    for (const command of commands) t.equal((await program(command, '--help')).code, 0, command)
    const directory = t.testdir({ state: {}, 'config.yaml': '' })
    const logs = { directories: [join(project, 'test/samples/mailman-2.1')], timezone: 'UTC' }
    writeFileSync(join(directory, 'config.yaml'), JSON.stringify({ logs, state: { directory: join(directory, 'state') } }))
    const config = ['--config', join(directory, 'config.yaml')]
    const ran = await program('run', '--once', ...config)
    t.equal(ran.code, 0, ran.stderr)
    const found = await program('search', '--json', '--limit', '3', ...config)
    t.equal(found.stdout.trim().split('\n').length, 3, found.stderr)
  })

  t.test('the configuration is taken as it comes, and with each of its examples', async t => {
    const template = read('etc/mailman-shipper/config.yaml')
    const directory = t.testdir({ logs: {} })
    const check = async (text: string) => {
      writeFileSync(join(directory, 'config.yaml'), text)
      return (await program('check', '--json', '--config', join(directory, 'config.yaml'))).stdout
    }
    t.notMatch(await check(template), 'MLS_CONFIG')
    const examples = template
      .replace(/^#(?! )(?=\w| )/gm, '')
      .replace(/^#(?= {2})/gm, '')
      .replaceAll('/etc/mailman-shipper/', './')
    mkdirSync(join(directory, 'state'))
    t.match(examples, /^elasticsearch:\n {2}nodes:/m)
    t.match(examples, /^alerts:\n {2}mail:\n {4}from:/m)
    t.notMatch(await check(examples), 'MLS_CONFIG_INVALID')
    t.match(await check(`${examples}\nlogz: {}\n`), 'MLS_CONFIG_INVALID', 'which is how a refused one looks')
  })

  t.test('the manual page', async t => {
    const page = await must('gzip', '-dc', join(tree, 'usr/share/man/man1/mailman-shipper.1.gz'))
    t.strictSame(
      [...page.matchAll(/^\.SH (.*)$/gm)].map(([, name]) => name),
      ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'OPTIONS', 'FILES', 'EXIT STATUS', 'EXAMPLES'],
    )
    for (const command of commands) t.match(page, `.SS mailman\\-shipper ${command.replaceAll('-', '\\-')}`)
    t.match(page, '\\fB\\-\\-keep\\-days\\-of\\fR')
    t.notMatch(page, /[^\n -~]/, 'in characters that any roff takes')
    const path = join(t.testdir({ 'page.1': page }), 'page.1')
    if (await has('man')) t.equal((await execute('man', ['--warnings', '-l', path])).stderr, '')
    if (await has('mandoc')) t.equal((await execute('mandoc', ['-T', 'lint', '-W', 'warning', path])).stdout, '')
  })

  t.test('completion offers commands, what belongs to them, and choices', async t => {
    const script = join(tree, 'usr/share/bash-completion/completions/mailman-shipper')
    const complete = async (...words: string[]) => {
      const line = `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mailman_shipper; echo "\${COMPREPLY[*]}"`
      return (await must('bash', '-c', line, script, 'mailman-shipper', ...words)).trim().split(' ')
    }
    t.strictSame(await complete(''), [...commands, '--help', '--version'])
    t.strictSame(await complete('al'), ['alerts'])
    t.strictSame(await complete('alerts', 're'), ['replay'])
    t.strictSame(await complete('run', '--o'), ['--once'])
    t.strictSame(await complete('run', '--log-level', 'w'), ['warn'])
    t.strictSame(await complete('backfill', ''), [''], 'files, which bash does by itself')
  })

  t.test('scripts', async t => {
    const scripts = [...['postinst', 'prerm', 'postrm'].map(name => `DEBIAN/${name}`), 'usr/bin/mailman-shipper'].map(path =>
      join(tree, path),
    )
    for (const path of scripts) await must('sh', '-n', path)
    if (!(await has('shellcheck'))) needPackages('This test', 'shellcheck')
    t.equal((await execute('shellcheck', scripts)).stdout, '')
  })
})
