/**
 * What tests need of the system, from Debian's archive where it is missing and this is root. Test files run beside each other, and
 * apt refuses whoever comes second: so one waits for the other here.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const lock = '/run/lock/mailman-shipper-tests-apt'
const script = `
  install() { apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"; }
  install "$@" || { apt-get -qq update && install "$@"; }`

/**
 * Installs packages; no daemon of theirs is started.
 * @param {string} what needs them: the beginning of a sentence
 * @param {...string} packages
 * @throws with what to type
 */
export function needPackages(what, ...packages) {
  const sentence = `${what} needs ${packages.join(' and ')}. Type: sudo sh -c 'apt-get update && apt-get install ${packages.join(' ')}'`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(sentence)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  try {
    execFileSync('flock', [lock, 'sh', '-c', script, 'sh', ...packages], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 280_000,
    })
  } catch (error) {
    throw new Error(`${sentence}\n${`${error.stderr}`.slice(-1500)}`)
  }
}
