/** A .deb, looked into by Debian's own tools. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Test } from 'tap'
import { execute } from './systemd-host-system.js'

/** Where the program lies. */
export const home = 'usr/lib/mailman-shipper'

/** What it printed. @throws with what it said */
export async function must(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await execute(command, args)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${code}\n${stdout}${stderr}`)
  return stdout
}

export async function whyNoDpkg(): Promise<string | undefined> {
  return (await execute('dpkg-deb', ['--version'])).code === 0 ? undefined : 'needs dpkg-deb: apt-get install dpkg'
}

/** Its files, the control files in DEBIAN/, until the test ends. */
export async function unpack(t: Test, file: string): Promise<string> {
  const to = mkdtempSync(join(tmpdir(), 'mailman-shipper-unpacked-'))
  t.teardown(() => rmSync(to, { recursive: true }))
  await must('dpkg-deb', '--raw-extract', file, to)
  return to
}

/** Modes, owners and paths, as dpkg-deb lists them. */
export async function listPackage(file: string): Promise<{ mode: string; owner: string; path: string }[]> {
  const lines = (await must('dpkg-deb', '--contents', file)).trimEnd().split('\n')
  return lines.map(line => {
    const [mode, owner, , , , ...path] = line.split(/ +/)
    return { mode: mode!, owner: owner!, path: path.join(' ').replace(/^\.\//, '') }
  })
}

/** Paths of files, sorted. */
export function filesBelow(tree: string, below = '.'): string[] {
  return readdirSync(join(tree, below), { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => relative(tree, join(entry.parentPath, entry.name)))
    .sort()
}

/** The newest glibc that a binary asks for: 28 for 2.28. */
export async function glibcAsked(binary: string): Promise<number> {
  const asked = [...(await must('readelf', '--version-info', binary)).matchAll(/\bGLIBC_2\.(\d+)/g)]
  return Math.max(...asked.map(([, minor]) => Number(minor)))
}
