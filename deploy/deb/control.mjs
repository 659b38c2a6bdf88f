// The control files: what dpkg is to know, and the scripts that it runs.
import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { entriesOf, put } from './tree.mjs'

export const maintainer = 'mailman-shipper <noreply@mailman-shipper.invalid>'

// What the binaries ask for (readelf -V): node GLIBC_2.28, GLIBCXX_3.4.21, so Debian 10, Ubuntu 20.04 and newer; the slim one's only
// binary, libsql's, GLIBC_2.18 (arm64: 2.18). A test compares.
const carried = 'libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1 | libgcc1, passwd'
const hosts = 'libc6 (>= 2.18), libgcc-s1 | libgcc1, nodejs (>= 20.19), passwd'

export function writeControl(tree, { name, version, arch, isSlim }) {
  const files = entriesOf(tree).filter(({ entry }) => !entry.isDirectory())
  // In KiB, each file rounded up, as the policy has it.
  const size = files.reduce((sum, { path }) => sum + Math.ceil(lstatSync(join(tree, path)).size / 1024), 0)
  const other = isSlim ? 'mailman-shipper' : 'mailman-shipper-slim'
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${arch}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${size}`,
    `Depends: ${isSlim ? hosts : carried}`,
    ...(isSlim ? ['Provides: mailman-shipper'] : []),
    `Conflicts: ${other}`,
    `Replaces: ${other}`,
    'Section: mail',
    'Priority: optional',
    "Description: ships GNU Mailman's logs as structured events",
    ' Follows the logs of GNU Mailman 2.1 and 3 and ships each record as an event, to',
    ' Elasticsearch or to a store of its own; finds out why mail is held, and tells',
    ' people when it is.',
    isSlim ? " This variant runs with the host's nodejs." : ' This variant carries its own Node.js.',
  ]
  put(tree, 'DEBIAN/control', `${control.join('\n')}\n`)
  const conffiles = files.map(({ path }) => `/${path}`).filter(path => path.startsWith('/etc/'))
  put(tree, 'DEBIAN/conffiles', conffiles.map(path => `${path}\n`).join(''))
  const sums = files.map(
    ({ path }) =>
      `${createHash('md5')
        .update(readFileSync(join(tree, path)))
        .digest('hex')}  ${path}\n`,
  )
  put(tree, 'DEBIAN/md5sums', sums.join(''))
  for (const script of ['postinst', 'prerm', 'postrm'])
    put(tree, `DEBIAN/${script}`, { from: fileURLToPath(new URL(script, import.meta.url)) })
}
