/** What `check` says of the unit that systemd has loaded: whether it lets the agent do what the configuration needs. */
import { execFile } from 'node:child_process'
import { lookAround } from '../config/surroundings.js'
import { ShipperError } from '../errors.js'
import { type Finding, ok, warning } from './check-host.js'
import { withoutPrefix } from './check-unit-access.js'
import { addressList, isListed } from './check-unit-addresses.js'
import { UNIT, wordsOf } from './check-unit-file.js'
import { findNeeds, placesHere, type UnitNeeds } from './check-unit-needs.js'

const SUBJECT = 'unit'
const PROPERTIES = 'LoadState,IPAddressAllow,SupplementaryGroups,InaccessiblePaths,ProtectHome,ReadWritePaths'

/** @param path as --config says it: only of the file that the unit reads itself there is something to say */
export async function checkUnitInForce(path: string | undefined): Promise<Finding[]> {
  if (path !== undefined && path !== lookAround().systemFile) return []
  const shown = await show()
  if (!/^LoadState=loaded$/m.test(shown)) return []
  try {
    const lacking = whatLacks(await findNeeds(path, placesHere), shown)
    return lacking.length === 0
      ? [ok(SUBJECT, `${UNIT} lets the agent do what the configuration needs`)]
      : [
          warning(
            SUBJECT,
            `${UNIT} as systemd has loaded it does not have ${lacking.join(', ')}`,
            'As root: mailman-shipper check --unit --write, then systemctl daemon-reload && systemctl restart mailman-shipper.',
          ),
        ]
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    return []
  }
}

/** Names of settings and addresses, no more: paths may be long. @param shown what `systemctl show` prints */
export function whatLacks({ settings, opened }: Pick<UnitNeeds, 'settings' | 'opened'>, shown: string): string[] {
  const linesOf = (name: string): string[] =>
    shown.split('\n').flatMap(line => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []))
  const words = (name: string): string[] => linesOf(name).flatMap(wordsOf)
  const reached = addressList(words('IPAddressAllow'))
  const closed = new Set(words('InaccessiblePaths').map(withoutPrefix))
  const lacking = new Set<string>()
  for (const { name, value } of settings) {
    // systemd 252 says of it that it cannot be printed.
    if (name === 'LoadCredential') continue
    const isThere = (): boolean => {
      if (name === 'IPAddressAllow') return isListed(reached, value)
      if (name === 'SupplementaryGroups') return wordsOf(value).every(group => words(name).includes(group))
      if (name === 'InaccessiblePaths') return !opened.some(path => closed.has(path))
      if (name === 'ProtectHome') return !words(name).includes('yes')
      return linesOf(name).some(line => line.replace(/"/g, '').includes(value.replace(/"/g, '').replace(/%%/g, '%')))
    }
    if (!isThere()) lacking.add(name === 'IPAddressAllow' ? `${name}=${value}` : `${name}=`)
  }
  return [...lacking]
}

/** '' where systemd does not run, or there is none. */
function show(): Promise<string> {
  return new Promise(resolve => {
    execFile('systemctl', ['show', UNIT, '-p', PROPERTIES], { timeout: 10_000 }, (error, stdout) => resolve(error ? '' : stdout))
  })
}
