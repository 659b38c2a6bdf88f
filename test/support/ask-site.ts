/** “Ask my list” over a store with three lists that must not see each other, by the built program. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Store } from '../../src/store/store.js'
import { batchOf, documentOf } from './documents.js'
import { makeAgentSite } from './site-config.js'
import { serveConfig, type WebSite } from './web-page.js'

/** Stands in whatever the list `announce` must not show. */
export const secret = 'of-another-list'
export const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script> \u202egnp.exe \x1b[2J'

const held = (name: string, ...reason: string[]) => ({
  mailman: { list: { name }, log: 'vette', hold: { reason, reason_text: 'a text' } },
})
const at = (minute: number) => new Date(Date.UTC(2024, 2, 1, 12, minute)).toISOString()
const announce = { list: 'announce' }
const devel = { list: 'devel', from: `${secret}@example.org`, subject: secret, message: secret }
const team = { list: 'team', host: 'lists.example.net' }

export const askDocuments = [
  documentOf({
    id: 'a-held',
    at: at(0),
    action: 'message-held',
    messageId: 'Held@x',
    from: 'ann@example.org',
    message: 'announce post from ann@example.org held',
    more: held('announce', 'too-big'),
  }),
  documentOf({
    id: 'a-way-1',
    at: at(1),
    action: 'message-held',
    messageId: 'Way@x',
    from: 'bob@example.org',
    message: 'announce post from bob@example.org held',
    more: held('announce', 'non-member'),
  }),
  documentOf({
    ...announce,
    id: 'a-way-2',
    at: at(2),
    action: 'message-approved',
    messageId: 'Way@x',
    message: 'held message approved',
  }),
  documentOf({
    ...announce,
    id: 'a-way-3',
    at: at(3),
    log: 'post',
    action: 'message-posted',
    messageId: 'Way@x',
    message: 'post to announce',
  }),
  documentOf({
    ...announce,
    id: 'a-bounce',
    at: at(4),
    log: 'bounce',
    action: 'bounce-received',
    user: 'carl@example.org',
    message: 'announce: carl@example.org bounce score: 1.0',
  }),
  documentOf({
    ...announce,
    id: 'a-hostile',
    at: at(5),
    log: 'error',
    action: 'error-raised',
    messageId: '"><script>alert(3)</script>@x',
    message: hostile,
  }),
  documentOf({
    ...announce,
    id: 'a-cross',
    at: at(6),
    log: 'post',
    action: 'message-posted',
    messageId: 'Cross@x',
    message: 'post to announce too',
  }),
  documentOf({ ...devel, id: 'd-cross', at: at(6), log: 'post', action: 'message-posted', messageId: 'Cross@x' }),
  documentOf({ id: 'n-cross', at: at(7), log: 'smtp', action: 'message-approved', messageId: 'Cross@x', message: secret }),
  documentOf({ ...devel, id: 'd-post', at: at(8), log: 'post', action: 'message-posted', messageId: 'Devel@x' }),
  documentOf({
    id: 'd-held',
    at: at(9),
    action: 'message-held',
    messageId: `Held-${secret}@x`,
    message: secret,
    more: held('devel', 'dmarc'),
  }),
  documentOf({ ...devel, id: 'd-bounce', at: at(10), log: 'bounce', action: 'bounce-received' }),
  // Mailman 3: a release names the message alone.
  documentOf({ ...team, id: 't-held', at: at(11), action: 'message-held', messageId: 'Team@x', message: 'HOLD', more: {} }),
  documentOf({ id: 't-approved', at: at(12), action: 'message-approved', messageId: 'Team@x', message: 'held message approved' }),
  documentOf({ id: 'n-error', at: at(13), log: 'error', action: 'error-raised', message: secret }),
  documentOf({ id: 'h-1', at: at(14), action: 'message-held', list: hostile, message: 'x' }),
  documentOf({ id: 'h-2', at: at(14), action: 'message-held', list: 'x\r\nbcc: eve@example.org', message: 'x' }),
  // Mail to a list that never was, and one in a domain that is not ours.
  documentOf({ id: 'm-1', at: at(15), log: 'error', action: 'list-missing', list: 'never', message: 'x' }),
  documentOf({ id: 'm-2', at: at(15), action: 'message-held', list: 'far', host: 'evil.example', message: 'x' }),
]

export const domains = { 'lists.example.org': ['lists1.example.org'], 'lists.example.net': [] }
/** What a link begins with; where the site really listens is known only later. */
export const publicUrl = 'http://127.0.0.1:1/'

/** @param mail server, certificates and login, as the configuration has them */
export async function serveAsk(
  t: Test,
  mail: object,
  options: object = {},
): Promise<WebSite & { readonly configFile: string; readonly keyFile: string }> {
  const directory = t.testdir()
  const { configFile, store: file } = makeAgentSite(directory, { timezone: 'Europe/London' })
  const store = new Store({ file, keepDays: 36_500 })
  store.write(batchOf(askDocuments), 0)
  store.close()
  const keyFile = join(directory, 'link-key')
  writeFileSync(keyFile, `${'k'.repeat(40)}\n`, { mode: 0o600 })
  const askMyList = {
    listen: '127.0.0.1:0',
    publicUrl,
    domains,
    keyFile,
    mail: { from: 'shipper@lists.example.org', ...mail },
    ...options,
  }
  writeFileSync(configFile, JSON.stringify({ ...JSON.parse(readFileSync(configFile, 'utf8')), web: { askMyList } }))
  return { ...(await serveConfig(t, configFile)), configFile, keyFile }
}
