/**
 * Beside the real Mailman 3 of Debian's package: the agent, not configured, finds its logs and may read them, ships what a real
 * list logs, over the rotation that Debian ships and a restart of Mailman; and the sandbox closes what Mailman keeps beside them.
 */
import { copyFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { findGaps } from '../mailman3/coverage.js'
import { builtPackage } from '../support/package.js'
import type { StoredDocument } from '../support/stored.js'
import { type SystemdHost, whyNoSystemdHost } from '../support/systemd-host.js'
import { HostMailman3, startMailman3Host } from '../support/systemd-host-mailman3.js'
import { HostAgent, unit } from '../support/systemd-host-story.js'

t.setTimeout(1_200_000)

const logs = '/var/log/mailman3'

for (const suite of ['bookworm', 'bullseye'] as const)
  t.test(`Debian's Mailman 3: ${suite}`, { skip: whyNoSystemdHost() ?? false }, t => testBeside(t, suite))

async function testBeside(t: Test, suite: 'bookworm' | 'bullseye'): Promise<void> {
  const host = await startMailman3Host(suite)
  t.teardown(() => host.stop())
  const mailman = new HostMailman3(host)
  const agent = new HostAgent(host)
  await mailman.ready()

  const search = async (...terms: string[]): Promise<StoredDocument[]> =>
    (await host.run('mailman-shipper', ['search', '--json', '--limit', '10000', ...terms])).stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
  const actionsOf = async (messageId: string): Promise<(string | undefined)[]> =>
    (await search(messageId)).map(({ event }) => event.action)
  /** Every line of every log is in exactly one event. */
  const allShipped = async (): Promise<void> => {
    let gaps: string[] = []
    const look = async (): Promise<boolean> => {
      gaps = findGaps(host.path(logs), await search())
      return gaps.length === 0
    }
    await host.until('all lines are shipped', look).catch(cause => {
      throw new Error(gaps.slice(0, 5).join('\n'), { cause })
    })
  }
  /** A member's mail goes through, a stranger's is held. */
  const testPosts = async (t: Test, when: string): Promise<void> => {
    await mailman.post('ann@example.org', `<member-${when}@example.org>`)
    await mailman.post('eve@example.net', `<stranger-${when}@example.net>`)
    await host.until('both are told of', async () => {
      const [member, stranger] = [await actionsOf(`member-${when}@example.org`), await actionsOf(`stranger-${when}@example.net`)]
      return member.includes('message-posted') && stranger.includes('message-held')
    })
    t.strictSame((await actionsOf(`member-${when}@example.org`)).sort(), [
      'message-accepted',
      'message-delivered',
      'message-posted',
    ])
    t.strictSame(await actionsOf(`stranger-${when}@example.net`), ['message-held'])
    await allShipped()
  }

  t.test('finds the logs, and may read them as group list', async t => {
    t.equal(await host.sh(`stat -c '%U %G %a' ${logs} ${logs}/*`), `list list 755\n${'list list 660\n'.repeat(5)}`)
    // As mailman3-web has it, for logs that are not Mailman's.
    await host.sh(`install -d -o www-data -g www-data ${logs}/web; echo x >${logs}/web/mailman-web.log`)
    copyFileSync(await builtPackage('full'), host.path('/root/agent.deb'))
    await host.sh('apt-get install -y /root/agent.deb 2>&1')
    t.equal(await agent.show('DropInPaths'), '', 'the logs are of the group that the unit names')
    await host.sh(`systemctl start ${unit}`)
    t.match(await host.sh(`ls -l /proc/${await agent.show('MainPID')}/fd`), `${logs}/mailman.log`)
    await host.sh(`rm -r ${logs}/web`)
    await allShipped()
    await host.until('status names the files', async () => {
      const { code, stdout } = await host.run('mailman-shipper', ['status'])
      return code === 0 && stdout.includes(`${logs}/mailman.log`)
    })
  })

  t.test('ships what a list logs', async t => {
    await mailman.command(`create --quiet --owner owner@example.org ${mailman.list}`)
    await host.sh(`echo 'Ann <ann@example.org>' >/run/members; chmod 644 /run/members`)
    await mailman.command(`addmembers /run/members ${mailman.list}`)
    await testPosts(t, 'first')
    t.match(await host.sh("mailman-shipper why '<stranger-first@example.net>'"), /held/u)
    t.match(await host.sh(`mailman-shipper why ${mailman.list}`), /stranger-first@example\.net/u)
  })

  t.test('goes on over the rotation that Debian ships', async t => {
    await host.sh('logrotate --force /etc/logrotate.conf')
    t.equal(await host.sh(`stat -c '%U %G %a' ${logs}/mailman.log`), 'list list 640\n')
    await testPosts(t, 'rotated')
    t.match(await host.sh(`cat ${logs}/mailman.log`), 'stranger-rotated@example.net', 'Mailman writes to the new file')
    t.match(await host.sh(`cat ${logs}/mailman.log.1`), 'stranger-first@example.net')
  })

  t.test('goes on when Mailman is restarted', async t => {
    await host.sh('systemctl restart mailman3')
    await mailman.ready()
    await testPosts(t, 'restarted')
    const { stdout } = await host.run('mailman-shipper', ['verify', '--wait', '1s'])
    t.match(stdout, /✓ runners +all \d+ that ran before are up/u)
  })

  t.test('the sandbox closes what Mailman keeps beside the logs', async t => {
    const held = (await host.sh('find /var/lib/mailman3/messages -type f | head -n 1')).trim()
    t.match(held, '/var/lib/mailman3/messages/', 'the mail that is held')
    const directories = (await host.sh('find /var/lib/mailman3 -mindepth 1 -maxdepth 1 -type d')).trim().split('\n')
    const closed = [...directories.map(path => `list:${path}`), `read:${held}`, 'read:/var/lib/mailman3/data/mailman.db']
    const attempts = [`read:${logs}/mailman.log`, 'read:/etc/mailman3/mailman.cfg', ...closed]
    const all = (outcome: string): object => Object.fromEntries(attempts.map(name => [name, outcome]))
    const { without, within } = await tryBoth(host, attempts)
    t.strictSame(without, all('ok'), 'group list may read all of it')
    t.strictSame(within, { ...all('EACCES'), [attempts[0]!]: 'ok' }, 'the agent, the logs alone')
  })
}

/** Attempts by the agent's user and groups: without the sandbox, and in the unit itself, which is told by a drop-in to run them. */
async function tryBoth(host: SystemdHost, attempts: readonly string[]): Promise<{ without: unknown; within: unknown }> {
  copyFileSync(fileURLToPath(new URL('sandbox-probe.mjs', import.meta.url)), host.path('/usr/lib/sandbox-probe.mjs'))
  const node = '/usr/lib/mailman-shipper/bin/node'
  const command = `${node} /usr/lib/sandbox-probe.mjs ${attempts.map(name => `"${name}"`).join(' ')}`
  const become = 'setpriv --reuid=mailman-shipper --regid=mailman-shipper --groups=mailman-shipper,list'
  const without = JSON.parse(await host.sh(`${become} ${command}`))
  const what = `ExecStart=\nExecStart=${command}\nStandardOutput=file:/run/probe.json`
  await new HostAgent(host).dropIn(`[Service]\n${what}\nType=oneshot\nRestart=no\nWatchdogSec=0\n`)
  await host.sh(`systemctl restart ${unit}`)
  return { without, within: JSON.parse(readFileSync(host.path('/run/probe.json'), 'utf8')) }
}
