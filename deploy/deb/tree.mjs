// What the parts of the build share: to run a program, to put a file into the tree, to walk it.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Runs to its end; what it prints is returned. @throws with what it said */
export function run(program, args, env = {}, cwd = undefined) {
  const ended = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (ended.status === 0) return ended.stdout
  throw new Error(
    `${program} ${args.join(' ')}: ${ended.error?.message ?? `exit ${ended.status}`}\n${ended.stdout}${ended.stderr}`,
  )
}

/** @param content bytes, or `{ from: path }` */
export function put(tree, path, content) {
  const to = join(tree, path)
  mkdirSync(dirname(to), { recursive: true })
  if (content.from === undefined) writeFileSync(to, content)
  else copyFileSync(content.from, to)
}

/** All below it, sorted, with paths from the root of the tree. There are no links: a copy of node_modules without its .bin. */
export function entriesOf(tree, below = '') {
  return readdirSync(join(tree, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(below, entry.name)
      return entry.isDirectory() ? [{ path, entry }, ...entriesOf(tree, path)] : [{ path, entry }]
    })
}

/** The rest is data, or handed to an interpreter by name. */
const isProgram = path =>
  ['usr/bin/mailman-shipper', 'usr/lib/mailman-shipper/bin/node'].includes(path) || /^DEBIAN\/p(?:re|ost)(?:inst|rm)$/.test(path)

/** Modes and times that do not depend on who builds, when and with which umask. */
export function settle(tree, epoch) {
  for (const { path, entry } of [...entriesOf(tree).reverse(), { path: '', entry: undefined }]) {
    chmodSync(join(tree, path), entry?.isFile() && !isProgram(path) ? 0o644 : 0o755)
    utimesSync(join(tree, path), epoch, epoch)
  }
}
