/** The unit as systemd has it on this host, and as it is shipped where it is not installed: what it opens and closes by itself. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ShipperError } from '../errors.js'

export const UNIT = 'mailman-shipper.service'

/**
 * In systemd's order (systemd.unit(5)), for a drop-in comes on top of the one that it takes. A package has it in /lib; who installed
 * by hand, in /etc; the npm package brings it beside dist/.
 */
export const unitFiles: readonly string[] = [
  ...['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/lib/systemd/system'].map(
    directory => `${directory}/${UNIT}`,
  ),
  fileURLToPath(new URL(`../../../deploy/systemd/${UNIT}`, import.meta.url)),
]

export interface UnitFile {
  readonly path: string
  /** The values of a setting, line by line; an empty one has taken back those before it. */
  lines(name: string): string[]
  /** The same, all their words. */
  words(name: string): string[]
}

/** After what a package writes (10-…), before what `systemctl edit` does (override.conf): that has the last word. */
export const DROP_IN = `/etc/systemd/system/${UNIT}.d/50-site.conf`

/**
 * With the drop-ins beside ours that come before it.
 * @throws ShipperError MLS_UNIT_MISSING
 */
export async function readUnit(files: readonly string[], dropIn: string): Promise<UnitFile> {
  for (const path of files) {
    const text = await readFile(path, 'utf8').catch(() => '')
    if (text === '') continue
    const directory = dirname(dropIn)
    const names = await readdir(directory).catch(() => [])
    const before = names.filter(name => name.endsWith('.conf') && name < basename(dropIn)).sort()
    const texts = await Promise.all(before.map(name => readFile(join(directory, name), 'utf8').catch(() => '')))
    return parseUnit(path, [text, ...texts].join('\n'))
  }
  throw new ShipperError('MLS_UNIT_MISSING', `looked for ${files.join(', ')}`)
}

function parseUnit(path: string, text: string): UnitFile {
  const settings = text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap(line => {
      const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [{ name, value: value.trim() }]
    })
  const lines = (name: string): string[] => {
    const values = settings.filter(setting => setting.name === name).map(({ value }) => value)
    return values.slice(values.lastIndexOf('') + 1)
  }
  return { path, lines, words: name => wordsOf(lines(name).join(' ')) }
}

export const wordsOf = (text: string): string[] => text.split(/\s+/).filter(word => word !== '')
