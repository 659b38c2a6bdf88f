/**
 * The Debian package on Debian 11 and 12, shipping to a real Elasticsearch while another user writes and the real logrotate rotates:
 * what kills, halts, reboots, upgrades and fills the host loses nothing and stores nothing twice.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startElasticsearch } from '../support/elasticsearch.js'
import { makeSite, type Site } from '../support/setup.js'
import { readCluster } from '../support/stored.js'
import { type SystemdHost, startSystemdHost, whyNoSystemdHost } from '../support/systemd-host.js'
import { asVersion, bringPackage, installedVersion } from '../support/systemd-host-package.js'
import { HostAgent, HostMailman, numbersIn, unit } from '../support/systemd-host-story.js'
import { testAddressFilter, testSandbox } from './sandbox.js'

t.setTimeout(1_200_000)
const skip = whyNoSystemdHost() ?? false

/** What Debian's mailman 2.1 has for these logs. */
const rotation = `/var/log/mailman/subscribe /var/log/mailman/post {
  su root list
  monthly
  missingok
  create 0664 list list
  rotate 12
  compress
  delaycompress
  sharedscripts
  postrotate
    [ -f '/var/run/mailman/mailman.pid' ] && /usr/lib/mailman/bin/mailmanctl -q reopen || exit 0
  endscript
}
`

t.test(
  'Debian 11: slim refuses the old Node.js of the host, and gives way to the package that carries its own',
  { skip },
  async t => {
    const host = await startHost(t, 'bullseye', 'nodejs')
    t.match(await host.sh('node --version'), /^v12\./u)
    const slim = await bringPackage(host, 'slim')
    const refused = await host.run('apt-get', ['install', '-y', slim])
    t.not(refused.code, 0)
    t.match(refused.stdout + refused.stderr, /nodejs \(>= 20\.19\) but/u)

    await host.sh(`dpkg --install --force-depends ${slim} 2>&1`)
    const { code, stdout, stderr } = await host.run('mailman-shipper', ['check'])
    t.equal(code, 1)
    t.equal(stdout, '')
    t.match(
      stderr,
      /^mailman-shipper: there is no Node\.js 20\.19 or newer .*\n.*the package mailman-shipper, which carries its own/u,
    )

    await host.sh(`dpkg --install ${await bringPackage(host, 'full')} 2>&1`)
    t.match((await host.run('mailman-shipper', ['check'])).stdout, 'ok       configuration: /etc/mailman-shipper/config.yaml')
    t.equal(await host.sh(`systemctl is-enabled ${unit}`), 'enabled\n')
  },
)

for (const suite of ['bullseye', 'bookworm'] as const)
  t.test(suite, { skip }, async t => {
    const host = await startHost(t, suite, 'logrotate')
    const [mailman, agent] = [new HostMailman(host), new HostAgent(host)]
    await mailman.install()
    await mailman.write(20)
    writeFileSync(host.path('/etc/logrotate.d/mailman'), rotation)
    const newer = await bringPackage(host, 'full')
    await host.sh(`apt-get install -y ${await asVersion(host, newer, '0.0.1')} 2>&1`)
    const site = await configure(t, host)
    const { client, close } = await site.admin()
    t.teardown(close)
    /** Each line that was written is in Elasticsearch, once. */
    const isExact = async (t: Test): Promise<void> => {
      let found: number[] = []
      const isThere = async (): Promise<boolean> => {
        found = numbersIn(await readCluster(client, site.config.namespace))
        return found.length >= mailman.written.length
      }
      await host.until('all lines are in Elasticsearch', isThere, 180_000)
      t.strictSame(found, mailman.written)
    }
    const writes = (lines = 20): Promise<void> => host.until('the runner goes on', mailman.hasWritten(lines))

    t.test('rotated by the host’s own logrotate, also while the agent is stopped', async t => {
      await host.sh(`systemctl start ${unit}`)
      await mailman.startWriting()
      for (const isStopped of [false, false, true, false]) {
        if (isStopped) await host.sh(`systemctl stop ${unit}`)
        await writes()
        await rotate(host)
        await writes()
        if (isStopped) await host.sh(`systemctl start ${unit}`)
      }
      await mailman.stopWriting()
      t.strictSame(readdirSync(host.path('/var/log/mailman')).sort(), ['post', 'post.1', 'post.2.gz', 'post.3.gz', 'post.4.gz'])
      await isExact(t)
    })

    t.test('kill -9', async t => {
      await mailman.startWriting()
      const before = await agent.show('MainPID')
      await host.sh(`systemctl kill --kill-who=main --signal=KILL ${unit}`)
      await writes()
      await agent.replaced(before)
      await mailman.stopWriting()
      await isExact(t)
    })

    t.test('SIGSTOP: the watchdog ends it', async t => {
      await agent.dropIn('[Service]\nWatchdogSec=4\n')
      await host.sh(`systemctl restart ${unit}`)
      await mailman.startWriting()
      const before = await agent.show('MainPID')
      await host.sh(`kill -STOP ${before}`)
      await agent.replaced(before)
      await mailman.stopWriting()
      t.match(await host.sh(`journalctl --no-pager -u ${unit}`), 'Watchdog timeout')
      await agent.removeDropIn()
      await host.sh(`systemctl restart ${unit}`)
      await isExact(t)
    })

    t.test('an upgrade', async t => {
      await mailman.startWriting()
      const before = await agent.show('MainPID')
      await host.sh(`dpkg --install ${newer} 2>&1`)
      t.not(await installedVersion(host), '0.0.1')
      await agent.replaced(before)
      await mailman.stopWriting()
      await isExact(t)
    })

    t.test('a reboot', async t => {
      await mailman.startWriting()
      await host.powerOff()
      await host.boot()
      await host.until('the agent is active', async () => (await agent.show('ActiveState')) === 'active')
      await mailman.stopWriting()
      await mailman.write(20)
      await isExact(t)
    })

    t.test('a full disk of the state: shipping goes on, which is told, and so is its end', async t => {
      const state = '/var/lib/mailman-shipper'
      const told = (what: string): Promise<void> =>
        host.until(what, async () => (await host.sh(`journalctl --no-pager -u ${unit}`)).includes(what))
      await host.sh(`
        systemctl stop ${unit}
        mv ${state} /run/state
        mkdir ${state}
        mount -t tmpfs -o size=4m tmpfs ${state}
        cp -a /run/state/. ${state}
        systemctl start ${unit}
        ! cat /dev/zero >${state}/filling`)
      await mailman.write(50)
      await isExact(t)
      await told('The checkpoint cannot be written')
      await host.sh(`rm ${state}/filling`)
      await mailman.write(1)
      await told('can be written again')
      const before = await agent.show('MainPID')
      await host.sh(`systemctl kill --kill-who=main --signal=KILL ${unit}`)
      await agent.replaced(before)
      await mailman.write(20)
      await isExact(t)
    })

    if (suite === 'bullseye')
      t.test('the sandbox', async t => {
        await testSandbox(t, host)
        await testAddressFilter(t, host)
      })

    t.test('the logs are of another group than list', async t => {
      await host.sh('apt-get purge -y mailman-shipper 2>&1; umount /var/lib/mailman-shipper')
      await host.sh('groupadd --system mailman; usermod --append --groups mailman list; chgrp -R mailman /var/log/mailman')
      await host.sh(`apt-get install -y ${newer} 2>&1; systemctl start ${unit}`)
      t.match(await agent.show('DropInPaths'), '/10-logs-group.conf')
      t.equal(await agent.show('SupplementaryGroups'), 'mailman')
      await mailman.write(20)
      t.strictSame(await agent.stored(mailman.written.length), mailman.written)
    })
  })

/** @param name of a package of Debian's that it has too */
async function startHost(t: Test, suite: 'bullseye' | 'bookworm', name: string): Promise<SystemdHost> {
  const host = await startSystemdHost(suite)
  t.teardown(() => host.stop())
  await host.sh(`apt-get update -qq; apt-get install -y -qq --no-install-recommends ${name} 2>&1`)
  return host
}

/** As the README says: the three lines, the certificate of the authority, `setup`, `check`. */
async function configure(t: Test, host: SystemdHost): Promise<Site> {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const directory = mkdtempSync(join(tmpdir(), 'mailman-shipper-deploy-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const site = makeSite(server, directory)
  const at = '/etc/mailman-shipper'
  copyFileSync(server.caFile, host.path(`${at}/ca.crt`))
  const { namespace } = site.config
  const elasticsearch = { nodes: [server.url], caFile: `${at}/ca.crt`, apiKeyFile: `${at}/api-key`, namespace }
  writeFileSync(host.path(`${at}/config.yaml`), JSON.stringify({ elasticsearch }))
  writeFileSync(host.path('/root/password'), readFileSync(site.adminFile), { mode: 0o600 })
  await host.sh(`
    chmod 644 ${at}/ca.crt
    mailman-shipper setup --user ${server.user} --password-file /root/password`)
  t.equal(await host.sh(`stat -c '%U %a' ${at}/api-key`), 'root 600\n')
  const check = await host.run('mailman-shipper', ['check'])
  t.equal(check.code, 0, check.stdout + check.stderr)
  return site
}

/** A month later, logrotate's own unit. */
async function rotate(host: SystemdHost): Promise<void> {
  const state = '/var/lib/logrotate/status'
  await host.sh(`
    printf '%s\\n' 'logrotate state -- version 2' '"/var/log/mailman/post" 2020-1-1-0:0:0' >${state}
    systemctl start logrotate.service`)
}
