/** What the embedded store holds, in a few lines: for a first look. Everything printed is escaped. */
import type { Config } from '../config/options.js'
import { printable } from '../diagnostics/printable.js'
import { withStore } from './with-store.js'

const LISTS = 8
const REASONS = 3
const WIDTH = 30

export function describeFindings(config: Config): Promise<string> {
  return withStore(config, async store => {
    const lines: string[] = []
    const put = (label: string, count: number, width: number): void => {
      lines.push(`  ${printable(label).padEnd(width)} ${count.toLocaleString('en').padStart(9)}`)
    }
    const kinds = await store.terms({}, 'event.dataset', 20)
    lines.push('Events by kind of log')
    for (const { value, count } of kinds) put(value.replace(/^mailman\./, ''), count, WIDTH)

    const held = { action: 'message-held' }
    const lists = await store.terms(held, 'mailman.list.name', LISTS)
    lines.push('', lists.length === 0 ? 'No message was held.' : 'Held messages by list, and why')
    for (const { value: list, count } of lists) {
      put(list, count, WIDTH)
      for (const reason of await store.terms({ ...held, list }, 'mailman.hold.reason', REASONS))
        put(`    ${reason.value}`, reason.count, WIDTH)
    }
    const command = `npx --no-install mailman-shipper search${config.file === undefined ? '' : ` --config ${config.file}`}`
    const list = lists[0]?.value ?? 'LIST'
    lines.push(
      '',
      'Ask for more, in another terminal:',
      `  ${command} --action message-held --list ${printable(list)}`,
      `  ${command} --address someone@example.org --since 7d`,
      `  ${command} --action error-raised --limit 5 --json`,
    )
    return lines.join('\n')
  })
}
