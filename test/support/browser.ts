/** The real Chromium, fetched where it is missing and this is root; one for all tests of a file. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const run = promisify(execFile)

export async function startBrowser(): Promise<Browser> {
  if (!places.some(existsSync)) {
    await run('apt-get', ['update'], { timeout: 120_000 })
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  const executablePath = places.find(existsSync)
  if (executablePath === undefined) throw new Error(`no Chromium in ${places.join(', ')}`)
  // Chromium's sandbox does not start as root; the pages are ours.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
