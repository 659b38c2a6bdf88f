/** The package's other variants, and that a build depends on nothing but what is built. */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { builtPackage, packageEpoch } from '../support/package.js'
import { filesBelow, glibcAsked, home, must, unpack, whyNoDpkg } from '../support/package-contents.js'
import { execute } from '../support/systemd-host-system.js'

const build = fileURLToPath(new URL('../../deploy/deb/build.mjs', import.meta.url))
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

t.test('the packages', { skip: (await whyNoDpkg()) ?? false }, async t => {
  t.test('two builds give the same bytes, whoever builds, where and how', async t => {
    const out = t.testdir({ a: {}, b: {} })
    const make = (umask: string, zone: string, to: string) =>
      must(
        'sh',
        '-c',
        `cd / && umask ${umask} && SOURCE_DATE_EPOCH=${packageEpoch} TZ=${zone} "$@"`,
        'sh',
        process.execPath,
        build,
        '--out',
        join(out, to),
      )
    await make('077', 'Asia/Tokyo', 'a')
    await make('000', 'America/New_York', 'b')
    const [a, b] = ['a', 'b'].map(name => join(out, name, filesBelow(join(out, name))[0]!))
    t.equal(digest(a!), digest(b!))
  })

  t.test('slim: the same without Node.js, run by the host’s', async t => {
    const [full, slim] = [await unpack(t, await builtPackage('full')), await unpack(t, await builtPackage('slim'))]
    const same = (tree: string) => filesBelow(tree).filter(path => !/^(?:DEBIAN|usr\/share\/doc)\//.test(path))
    t.strictSame(
      same(slim),
      same(full).filter(path => !path.startsWith(`${home}/bin/`)),
    )
    const control = readFileSync(join(slim, 'DEBIAN/control'), 'utf8')
    t.match(control, /^Depends: .*\bnodejs \(>= 20\.19\)/m)
    t.match(control, 'Conflicts: mailman-shipper\nReplaces: mailman-shipper\n')
    const native = filesBelow(slim).filter(path => path.endsWith('.node'))
    t.equal(native.length, 1)
    t.match(control, `libc6 (>= 2.${await glibcAsked(join(slim, native[0]!))})`)

    const bin = t.testdir({ usr: {}, local: {} })
    const launcher = readFileSync(join(slim, 'usr/bin/mailman-shipper'), 'utf8')
      .replace('/usr/bin/node', join(bin, 'usr/node'))
      .replace('/usr/local/bin/node', join(bin, 'local/node'))
    const launch = async (first: string, second: string) => {
      for (const [place, version] of [
        ['usr', first],
        ['local', second],
      ] as const) {
        mkdirSync(join(bin, place), { recursive: true })
        const node = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "${place} $*"\n`
        writeFileSync(join(bin, place, 'node'), node)
        chmodSync(join(bin, place, 'node'), 0o755)
      }
      return execute('sh', ['-c', launcher, 'mailman-shipper', 'status', 'a b'])
    }
    const main = '/usr/lib/mailman-shipper/dist/src/main.js'
    t.equal((await launch('v20.19.0', 'v24.0.0')).stdout, `usr ${main} status a b\n`)
    t.equal((await launch('v18.20.4', 'v24.0.0')).stdout, `local ${main} status a b\n`)
    for (const old of ['v18.20.4', 'v20.18.3', 'v20.9.0', 'v8.10.0']) {
      const refused = await launch(old, old)
      t.equal(refused.code, 1, old)
      t.match(refused.stderr, 'no Node.js 20.19 or newer')
    }
    for (const fit of ['v20.20.2', 'v22.12.0', 'v30.0.0']) t.equal((await launch(fit, fit)).code, 0, fit)
  })

  t.test('arm64: every binary in it is one', async t => {
    const tree = await unpack(t, await builtPackage('full', 'arm64'))
    t.match(readFileSync(join(tree, 'DEBIAN/control'), 'utf8'), '\nArchitecture: arm64\n')
    const binaries = filesBelow(tree).filter(
      path => readFileSync(join(tree, path)).subarray(0, 4).toString('latin1') === '\x7fELF',
    )
    t.strictSame(binaries, [`${home}/bin/node`, `${home}/node_modules/@libsql/linux-arm64-gnu/index.node`])
    for (const path of binaries) t.match(await must('readelf', '--file-header', join(tree, path)), /Machine: +AArch64/)
    const asked = await Promise.all(binaries.map(path => glibcAsked(join(tree, path))))
    t.match(readFileSync(join(tree, 'DEBIAN/control'), 'utf8'), `libc6 (>= 2.${Math.max(...asked)})`)
  })
})
