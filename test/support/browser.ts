/** The real Chromium, fetched where it is missing and this is root; one for all tests of a file. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { needPackages } from './apt.mjs'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function startBrowser(): Promise<Browser> {
  if (!places.some(existsSync)) needPackages('The browser', 'chromium', 'fonts-dejavu-core')
  const executablePath = places.find(existsSync)
  if (executablePath === undefined) throw new Error(`no Chromium in ${places.join(', ')}`)
  // Chromium's sandbox does not start as root; the pages are ours.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
