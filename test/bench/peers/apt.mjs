// Packages of Debian and its kin, unpacked in the cache and not installed: no daemon starts, nothing of the host changes.

import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow, once, run } from './cache.mjs'

/**
 * Unpacks them, and what they need and the host lacks.
 * @returns `version`, the folder, where a file is by the end of its path, and the environment in which its programs find their libraries
 */
export async function unpack(name, packages) {
  const policy = await run('apt-cache', ['policy', packages[0]])
  const version = /Candidate: (\S+)/.exec(policy)?.[1]
  if (version === undefined || version === '(none)') throw new Error(`apt knows no ${packages[0]} (apt-get update?)`)
  const folder = await once(`${name}-${version.replaceAll(/[^\w.+-]/g, '_')}`, async unfinished => {
    const missing = await lacking(packages)
    await run('apt-get', ['download', '-q', ...packages, ...missing], { cwd: unfinished })
    for (const file of readdirSync(unfinished).filter(file => file.endsWith('.deb')))
      await run('dpkg', ['-x', join(unfinished, file), unfinished])
  })
  const files = filesBelow(folder)
  const find = file => {
    const path = files.find(path => path.endsWith(`/${file}`))
    if (path === undefined) throw new Error(`the package has no ${file}`)
    return path
  }
  const libraries = new Set(files.filter(path => /\.so(\.|$)/.test(path)).map(dirname))
  return { version, find, folder, env: { LD_LIBRARY_PATH: [...libraries].join(':') } }
}

/** Of all that the packages depend on, what is not installed. */
async function lacking(packages) {
  const not = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(kind => `--no-${kind}`)
  const tree = await run('apt-cache', ['depends', '--recurse', ...not, ...packages])
  const installed = new Set(
    Array.from((await run('dpkg', ['--get-selections'])).matchAll(/^([^:\s]+).*\sinstall$/gm), ([, name]) => name),
  )
  const names = tree.split('\n').filter(line => /^[a-z0-9]/.test(line))
  return [...new Set(names)].filter(name => !installed.has(name) && !packages.includes(name))
}
