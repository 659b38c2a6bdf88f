/** What `check` finds on this host: the logs that will be read, the state directory, the place of a local output. */
import { constants, type Stats } from 'node:fs'
import { access, lstat, readFile, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { forgetfulness, stateDirectoryTrouble } from '../checkpoint/directory.js'
import type { Config } from '../config/options.js'
import { type ErrorCode, errors } from '../errors.js'
import { scan } from '../files/scan.js'

/** One line of `check`. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'problem'
  /** What was looked at: `logs`, `state directory`, `elasticsearch`… */
  readonly subject: string
  readonly detail: string
  /** What to do; '' where nothing is to be done. */
  readonly remedy: string
  /** Of a problem only. */
  readonly code?: ErrorCode
}

export const ok = (subject: string, detail: string): Finding => ({ status: 'ok', subject, detail, remedy: '' })

export const warning = (subject: string, detail: string, remedy: string): Finding => ({
  status: 'warning',
  subject,
  detail,
  remedy,
})

export const problem = (subject: string, detail: string, code: ErrorCode, remedy: string = errors[code].remedy): Finding => ({
  status: 'problem',
  subject,
  detail,
  remedy,
  code,
})

/** Below this the embedded store and the checkpoint have no room for a busy day. */
const littleSpaceBytes = 100e6

export async function checkLogs({ logs }: Config): Promise<Finding[]> {
  const findings: Finding[] = []
  const { files, blocked } = await scan(logs.directories, new Set(logs.names))
  const unreadable = new Map(blocked.map(({ path, code }) => [path, code]))
  for (const { path } of files) {
    const code = await codeOfTrying(access(path, constants.R_OK))
    if (code !== undefined) unreadable.set(path, code)
  }
  for (const directory of logs.directories) {
    if (unreadable.get(directory) === 'ENOENT') {
      findings.push(warning('logs', `${directory} does not exist`, 'Nothing, if it comes later; else correct logs.directories.'))
      continue
    }
    const readable = files.filter(file => dirname(file.path) === directory && !unreadable.has(file.path))
    const bytes = readable.reduce((sum, { size }) => sum + size, 0)
    const names = [...new Set(readable.map(file => file.log))].sort().join(', ')
    if (readable.length > 0) findings.push(ok('logs', `${directory}: ${readable.length} files, ${sayBytes(bytes)} (${names})`))
    else if (!unreadable.has(directory)) findings.push(warning('logs', `${directory}: no Mailman log yet`, ''))
  }
  for (const [path, code] of unreadable) {
    if (code === 'ENOENT') continue
    findings.push(problem('logs', `${path} cannot be read (${code})`, 'MLS_FILE_UNREADABLE', await adviseReading(path)))
  }
  findings.push(ok('logs', `their stamps are in ${logs.timezone}`))
  if (files.length === 0 && unreadable.size === 0 && logs.directories.length === 0)
    findings.push(problem('logs', 'none of the usual directories exists', 'MLS_FILES_NONE'))
  else if (files.length === 0 && findings.every(({ status }) => status !== 'problem'))
    findings.push(problem('logs', `no log in ${logs.directories.join(', ')}`, 'MLS_FILES_NONE'))
  return findings
}

/** The group that would help, by name. */
async function adviseReading(path: string): Promise<string> {
  // Of a file in a closed directory nothing is known: the directory's group is the one.
  const stats = (await orUndefined(stat(path))) ?? (await orUndefined(stat(dirname(path))))
  if (stats === undefined) return errors.MLS_FILE_UNREADABLE.remedy
  const group = await nameIn('/etc/group', stats.gid)
  if ((stats.mode & 0o040) === 0) return `Not even its group (${group}) may read it: chmod g+r ${path}, then join that group.`
  return `Give the agent the group ${group}: SupplementaryGroups=${group} in the unit, or usermod -aG ${group} USER.`
}

/** A user's or a group's; the number where it has none. */
async function nameIn(file: '/etc/passwd' | '/etc/group', id: number): Promise<string> {
  const entries = (await orUndefined(readFile(file, 'utf8'))) ?? ''
  const line = entries.split('\n').find(entry => entry.split(':')[2] === String(id))
  return line?.split(':')[0] ?? String(id)
}

export async function checkState({ state }: Config): Promise<Finding[]> {
  const subject = 'state directory'
  const { directory } = state
  const stats = await orUndefined(lstat(directory))
  if (stats === undefined) {
    const parent = await existingParent(directory)
    const code = await codeOfTrying(access(parent, constants.W_OK | constants.X_OK))
    return code === undefined
      ? [ok(subject, `${directory} will be made`), ...(await checkMemory(subject, directory, parent))]
      : [problem(subject, `${directory} does not exist, and this user may not make it in ${parent}`, 'MLS_STATE_UNSAFE')]
  }
  const uid = process.getuid?.()
  // An administrator checks as root what the agent's own user will use.
  const isOthers = uid === 0 && stats.uid !== 0
  const trouble = stateDirectoryTrouble(stats, isOthers ? stats.uid : uid)
  if (trouble !== undefined) return [problem(subject, `${directory} ${trouble}`, 'MLS_STATE_UNSAFE')]
  const whose = isOthers ? `, of user ${await nameIn('/etc/passwd', stats.uid)}` : ''
  return [
    ok(subject, `${directory}${whose}, mode ${(stats.mode & 0o777).toString(8)}`),
    ...(await checkMemory(subject, directory, directory)),
    ...(await checkSpace(subject, directory)),
  ]
}

/** @param place the directory, or the parent where it will be made */
async function checkMemory(subject: string, directory: string, place: string): Promise<Finding[]> {
  const text = await forgetfulness(place)
  return text === undefined ? [] : [warning(subject, `${directory} ${text}`, 'Name a directory on a disk in state.directory.')]
}

/** The embedded store's or the NDJSON output's file. */
export async function checkOutputFile(subject: string, file: string, code: ErrorCode): Promise<Finding[]> {
  const stats = await orUndefined(stat(file))
  if (stats?.isDirectory()) return [problem(subject, `${file} is a directory`, code)]
  const directory = stats === undefined ? await existingParent(file) : dirname(file)
  // SQLite makes files beside its own.
  for (const place of stats === undefined ? [directory] : [directory, file]) {
    const refused = await codeOfTrying(access(place, constants.W_OK))
    if (refused !== undefined) return [problem(subject, `${place} cannot be written (${refused})`, code)]
  }
  return [
    ok(subject, stats === undefined ? `${file} will be made` : `${file}, ${sayBytes(stats.size)}`),
    ...(await checkSpace(subject, directory)),
  ]
}

async function checkSpace(subject: string, directory: string): Promise<Finding[]> {
  const space = await orUndefined(statfs(directory))
  if (space === undefined) return []
  const free = space.bavail * space.bsize
  return free < littleSpaceBytes ? [warning(subject, `only ${sayBytes(free)} free at ${directory}`, 'Free space.')] : []
}

async function existingParent(path: string): Promise<string> {
  let parent = dirname(path)
  while (parent !== dirname(parent) && (await orUndefined<Stats>(stat(parent))) === undefined) parent = dirname(parent)
  return parent
}

async function codeOfTrying(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

const orUndefined = <T>(attempt: Promise<T>): Promise<T | undefined> => attempt.catch(() => undefined)

export function sayBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step]}`
}
