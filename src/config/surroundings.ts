/** What the host has to say where the configuration is silent. The only place that asks it, so that tests can answer instead. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { isZone } from '../diagnostics/timezone.js'

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  readonly isRoot: boolean
  readonly home: string
  /** IANA name; undefined where the host does not tell. */
  readonly timezone: string | undefined
  /** The agent's configuration where no --config is given. */
  readonly systemFile: string
  /** Where Mailmans keep their logs, the preferred name of a directory first. */
  readonly usualDirectories: readonly string[]
}

const usualDirectories = [
  '/var/log/mailman', // Debian, Fedora, SUSE: Mailman 2.1
  '/var/log/mailman3', // Debian's Mailman 3
  '/usr/local/mailman/logs', // 2.1 from source, FreeBSD
  '/usr/local/cpanel/3rdparty/mailman/logs',
  '/var/lib/mailman/logs', // often a link to the first
  '/opt/mailman/var/logs', // Mailman 3 in a virtual environment, as its manual has it
  '/opt/mailman/mm/var/logs',
  '/private/var/mailman/logs', // macOS Server
]

export function lookAround(env: Surroundings['env'] = process.env): Surroundings {
  return {
    env,
    hostname: hostname() || 'localhost',
    isRoot: process.getuid?.() === 0,
    home: env.HOME !== undefined && isAbsolute(env.HOME) ? env.HOME : homedir(),
    // Only where it is asked for: ICU’s tables take 8 MB and 20 ms.
    get timezone() {
      return hostTimezone()
    },
    systemFile: '/etc/mailman-shipper/config.yaml',
    usualDirectories,
  }
}

function hostTimezone(): string | undefined {
  const fromSystem = Intl.DateTimeFormat().resolvedOptions().timeZone
  // ICU says Etc/Unknown where /etc/localtime means nothing to it.
  if (fromSystem && fromSystem !== 'Etc/Unknown') return fromSystem
  try {
    const name = readFileSync('/etc/timezone', 'latin1').trim()
    return isZone(name) ? name : undefined
  } catch {
    return undefined
  }
}

/** A people's own file, for the commands that need no root. */
export function peoplesFile({ env, home }: Surroundings): string {
  return join(xdg(env.XDG_CONFIG_HOME, home, '.config'), 'mailman-shipper', 'config.yaml')
}

export function defaultStateDirectory({ env, home, isRoot }: Surroundings): string {
  // systemd separates several with colons; ours is the first.
  const given = env.STATE_DIRECTORY?.split(':')[0]
  if (given !== undefined && isAbsolute(given)) return given
  return isRoot ? '/var/lib/mailman-shipper' : join(xdg(env.XDG_STATE_HOME, home, '.local/state'), 'mailman-shipper')
}

/** A secret that a systemd unit hands over with LoadCredential=, if it does: our unit puts an empty line for a missing file. */
export function credentialFile(
  { env }: Surroundings,
  name: 'alerts-mail-password' | 'elasticsearch-api-key' | 'privacy-key' | 'web-link-key',
): string | undefined {
  const directory = env.CREDENTIALS_DIRECTORY
  if (directory === undefined || !isAbsolute(directory)) return undefined
  const file = join(directory, name)
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return bytes > 1 ? file : undefined
}

/** The usual directories that exist here. */
export function findUsualDirectories({ usualDirectories }: Surroundings): string[] {
  return dropSameDirectories(usualDirectories.filter(isDirectory))
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** One directory under two names (a symbolic link) would be read twice: the first name stays. Missing ones stay too. */
export function dropSameDirectories(directories: readonly string[]): string[] {
  const byPlace = new Map<string, string>()
  for (const directory of directories) {
    const place = realPlace(directory)
    if (!byPlace.has(place)) byPlace.set(place, directory)
  }
  return [...byPlace.values()]
}

function realPlace(directory: string): string {
  try {
    return realpathSync(directory)
  } catch {
    return directory
  }
}

// The XDG specification: a relative path is to be ignored.
function xdg(value: string | undefined, home: string, otherwise: string): string {
  return value !== undefined && isAbsolute(value) ? value : join(home, otherwise)
}
