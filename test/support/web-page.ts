/** The built `mailman-shipper web` over a store of its own, and pages of the real Chromium that look at it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { Store } from '../../src/store/store.js'
import { program, programEnvironment } from './agent-process.js'
import { batchOf } from './documents.js'
import { makeAgentSite } from './site-config.js'

export interface WebSite {
  /** Without a slash at its end. */
  readonly url: string
  /** Where people ask for a link to their list, likewise; empty where that is off. */
  readonly askUrl: string
  /** Its own log. */
  readonly log: () => string
  /** @returns its exit code and signal */
  end(): Promise<unknown[]>
}

/** Ends with the test. */
export async function serveDocuments(t: Test, documents: readonly Record<string, unknown>[]): Promise<WebSite> {
  const { configFile, store: file } = makeAgentSite(t.testdir(), { timezone: 'Europe/London' })
  const store = new Store({ file, keepDays: 36_500 })
  store.write(batchOf(documents), 0)
  store.close()
  return serveConfig(t, configFile)
}

export async function serveConfig(t: Test, configFile: string): Promise<WebSite> {
  const args = [program, 'web', '--config', configFile, '--listen', '127.0.0.1:0']
  const child = spawn(process.execPath, args, { env: programEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = once(child, 'exit')
  const end = (): Promise<unknown[]> => {
    child.kill('SIGTERM')
    return ended
  }
  t.teardown(end)
  let said = ''
  for await (const chunk of child.stdout) {
    said += chunk
    const [, url] = /page: (http:\S+)\/\n/.exec(said) ?? []
    const [, askUrl = ''] = /list: (http:\S+)\/\n/.exec(said) ?? []
    if (url !== undefined) return { url, askUrl, log: () => log, end }
  }
  throw new Error(`no address: ${said}${log}`)
}

export interface Visit {
  readonly page: Page
  /** What must not be: errors, violations of the policy, requests to elsewhere. */
  readonly trouble: string[]
  /** Goes there, and waits until the answer is shown. */
  go(path: string): Promise<void>
  settled(): Promise<void>
}

type Look = Parameters<Browser['newContext']>[0]

export async function visit(t: Test, browser: Browser, url: string, look: Look = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...look })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const trouble: string[] = []
  page.on('pageerror', error => trouble.push(String(error)))
  page.on('console', message => message.type() === 'error' && trouble.push(message.text()))
  page.on('dialog', dialog => trouble.push(dialog.message()))
  page.on('request', request => request.url().startsWith(`${url}/`) || trouble.push(request.url()))
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', event => console.error('policy: ' + event.violatedDirective))",
  )
  const settled = async () => {
    await page.waitForSelector('main:not([aria-busy=true])')
  }
  return {
    page,
    trouble,
    settled,
    async go(path) {
      await page.goto(url + path, { waitUntil: 'load' })
      await settled()
      await page.getByText('times in').waitFor()
    },
  }
}
