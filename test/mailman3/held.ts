/** `held` asks the real REST server, and joins what it says with the events so far. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { runHeld } from '../../src/commands/held.js'
import { Store } from '../../src/store/store.js'
import { batchOf } from '../support/documents.js'
import type { Mailman3 } from '../support/mailman3.js'
import type { StoredDocument } from '../support/stored.js'
import { ann, eve, host } from './posts.js'

/** @param documents all that Mailman has logged @param directory for the store and a configuration */
export async function checkHeld(
  t: Test,
  mailman: Mailman3,
  documents: readonly StoredDocument[],
  directory: string,
): Promise<void> {
  mkdirSync(join(directory, 'held-state'), { recursive: true, mode: 0o700 })
  const file = join(directory, 'held-state', 'events.db')
  const store = new Store({ file, keepDays: 90 })
  store.write(batchOf(documents as readonly Record<string, unknown>[] as Record<string, unknown>[]), 0)
  store.close()
  const ask = async (privacy: string, given: { list?: string; json?: boolean }): Promise<string[]> => {
    const config = join(directory, 'held.yaml')
    writeFileSync(config, `logs: { directories: [logs] }\nstate: { directory: held-state }\nprivacy: ${privacy}\n`)
    const lines: string[] = []
    const put = (line: string): void => void lines.push(line)
    const screen = { out: put, err: put, columns: undefined, isColoured: false, now: Date.now }
    await runHeld({ config, ...mailman.restSite(), ...given }, screen)
    return lines
  }
  const held = (await ask('{}', { json: true })).map(line => JSON.parse(line))
  for (const list of ['dev', 'announce', 'urgent', 'liste', 'plain']) {
    const { count } = await mailman.must('GET', `lists/${list}.${host}/held/count`)
    t.equal(held.filter(each => each.list === list).length, count, `${list}: all that waits`)
  }
  const find = (messageId: string) => held.find(each => each.messageId === messageId)
  const fqdn = `dev@${host}`
  t.match(find('quarantine@example.org'), { fqdn, sender: ann, standing: 'posted-here', reasons: ['header-rule'] })
  t.match(find('no-subject@example.org'), { fqdn, sender: ann, reasons: ['no-subject'] })
  t.match(find('emergency@example.org'), { list: 'urgent', sender: ann, standing: 'posted-elsewhere', reasons: ['emergency'] })
  t.match(find('stranger-meanwhile@example.net'), { sender: 'mallory@example.net', standing: 'stranger', certain: true })
  t.equal(find('stranger@example.net'), undefined, 'what was accepted waits no more')
  t.ok(
    held.every(({ waitsSeconds }) => waitsSeconds >= 0 && waitsSeconds < 3600),
    'held in this hour: Mailman means UTC',
  )
  const { id, command } = find('emergency@example.org')
  t.equal(command, `POST /3.1/lists/urgent.${host}/held/${id} action=accept`)
  const said = (await ask('{}', { list: 'urgent' })).join('\n')
  t.match(said, /^1 message waits for a moderator, on 1 list;/)
  t.match(said, /posted before.*\n.*\n {2}urgent +\d+ +\d+ min +ann@example.org +emergency +About emergency@example.org\n/)
  const hidden = (await ask('{ addresses: drop, subjects: drop }', { json: true })).join('\n')
  t.notMatch(hidden, new RegExp(`"sender"|"subject"|${eve.replace('.', '\\.')}"`), 'what is not to be stored is not told')
}
