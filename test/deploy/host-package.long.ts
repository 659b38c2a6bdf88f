/**
 * The Debian package on a real host, through its whole life: installed, configured, started, put back and forward by a version while
 * lines are written, removed, installed again, purged; and what its sandbox denies.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { startSystemdHost, whyNoSystemdHost } from '../support/systemd-host.js'
import { asVersion, bringPackage, installedVersion } from '../support/systemd-host-package.js'
import { HostAgent, HostMailman, unit } from '../support/systemd-host-story.js'
import { testAddressFilter, testSandbox } from './sandbox.js'

t.setTimeout(600_000)

const configFile = '/etc/mailman-shipper/config.yaml'

t.test('on a real host', { skip: whyNoSystemdHost() ?? false }, async t => {
  const host = await startSystemdHost()
  t.teardown(() => host.stop())
  const mailman = new HostMailman(host)
  await mailman.install()
  const agent = new HostAgent(host)
  const newer = await bringPackage(host, 'full')
  const older = await asVersion(host, newer, '0.0.1')
  const install = (file: string): Promise<string> => host.sh(`dpkg --install ${file} 2>&1`)
  const isEnabled = async (): Promise<string> => (await host.run('systemctl', ['is-enabled', unit])).stdout.trim()
  const left = (...paths: string[]): string[] => paths.filter(path => existsSync(host.path(path)))

  t.test('installed: enabled, not running, and says what comes next', async t => {
    const said = await host.sh(`apt-get install -y ${newer} 2>&1`)
    t.match(said, /edit \/etc\/mailman-shipper\/config\.yaml.*mailman-shipper check.*systemctl start mailman-shipper\r?\n/su)
    t.notMatch(said, /warning|error|unknown/iu)
    t.equal(await isEnabled(), 'enabled')
    t.equal(await agent.show('ActiveState'), 'inactive')
    t.equal(await agent.show('FragmentPath'), `/lib/systemd/system/${unit}`)
    t.equal(await agent.show('DropInPaths'), '', 'the logs are of the group that the unit names')
  })

  t.test('its files are root’s, written by nobody else, as they were packed', async t => {
    const modes = await host.sh('dpkg -L mailman-shipper | grep shipper | xargs -d "\\n" stat --format "%U:%G %A %n"')
    t.strictSame(
      modes.split('\n').filter(line => line !== '' && !/^root:root (?:-rw-r--r--|[-d]rwxr-xr-x) /u.test(line)),
      [],
    )
    t.equal(await host.sh('dpkg --verify mailman-shipper'), '')
    t.match(await host.sh('getent passwd mailman-shipper'), /:\/nonexistent:\/usr\/sbin\/nologin\n$/u)
    t.equal(await host.sh('id -nG mailman-shipper'), 'mailman-shipper\n', 'the group of the logs is the unit’s alone')
  })

  t.test('configured and started, it ships what another user writes', async t => {
    await mailman.write(20)
    appendFileSync(host.path(configFile), 'instance: lists1\n')
    const check = await host.run('mailman-shipper', ['check'])
    t.equal(check.code, 0, check.stdout + check.stderr)
    t.match(check.stdout, 'instance lists1')
    t.match(check.stdout, '/var/log/mailman: 1 files')
    t.match(check.stdout, 'The agent can run.')
    t.match((await host.run('mailman-shipper', ['status'])).stdout, /^not running/u)
    await host.sh(`systemctl start ${unit}`)
    await mailman.write(5)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
    await host.until('status names the files', async () =>
      /^following: .*\/var\/log\/mailman\/post/su.test((await host.run('mailman-shipper', ['status'])).stdout),
    )
    t.equal(await host.sh('stat -c "%U %G %a" /var/lib/mailman-shipper'), 'mailman-shipper mailman-shipper 700\n')
    t.match(await host.sh(`readlink /proc/${await agent.show('MainPID')}/exe`), '/usr/lib/mailman-shipper/bin/node')
  })

  for (const [what, file, version] of [
    ['put back', older, '0.0.1'],
    ['upgraded', newer, undefined],
  ] as const)
    t.test(`${what} while lines are written: each line once, the configuration kept`, async t => {
      const [config, before] = [readFileSync(host.path(configFile), 'utf8'), await agent.show('MainPID')]
      await mailman.startWriting()
      const said = await install(file)
      await agent.replaced(before)
      await mailman.stopWriting()
      t.strictSame(await agent.stored(mailman.written.length), mailman.written)
      const installed = await installedVersion(host)
      if (version === undefined) t.not(installed, '0.0.1')
      else t.equal(installed, version)
      t.equal(readFileSync(host.path(configFile), 'utf8'), config)
      t.equal(await agent.show('NRestarts'), '0')
      t.equal(await isEnabled(), 'enabled')
      t.notMatch(said, 'systemctl start', 'what comes next is said once')
    })

  t.test('an upgrade starts nothing that was stopped, and enables nothing that was disabled', async t => {
    await host.sh(`systemctl disable --now ${unit} 2>&1`)
    await host.sh('DPKG_MAINTSCRIPT_PACKAGE=mailman-shipper /var/lib/dpkg/info/mailman-shipper.postinst configure 0.0.1') // as dpkg does
    t.equal(await agent.show('ActiveState'), 'inactive')
    t.equal(await isEnabled(), 'disabled')
    await host.sh(`systemctl enable --now ${unit} 2>&1`)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
  })

  t.test('removed: stopped; configuration and events stay, and are there again with the package', async t => {
    await host.sh('apt-get remove -y mailman-shipper 2>&1')
    t.equal(await agent.show('ActiveState'), 'inactive')
    t.strictSame(left('/usr/lib/mailman-shipper', '/usr/bin/mailman-shipper', `/lib/systemd/system/${unit}`), [])
    t.not(await isEnabled(), 'enabled')
    await mailman.write(5)
    await install(newer)
    t.equal(await isEnabled(), 'enabled', 'with the host again')
    t.match(readFileSync(host.path(configFile), 'utf8'), 'instance: lists1')
    await host.sh(`systemctl start ${unit}`)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
  })

  t.test('the sandbox', async t => {
    await testSandbox(t, host)
    await testAddressFilter(t, host)
    await host.sh(`systemctl start ${unit}`)
  })

  t.test('purged: nothing is left but the logs', async t => {
    await host.sh('apt-get purge -y mailman-shipper 2>&1')
    const state = ['/etc/mailman-shipper', '/var/lib/mailman-shipper', `/etc/systemd/system/${unit}.d`]
    t.strictSame(left(...state, '/usr/lib/mailman-shipper'), [])
    t.equal((await host.run('getent', ['passwd', 'mailman-shipper'])).code, 2)
    t.equal(await host.sh('find / -xdev -nouser'), '')
    t.equal(await host.sh(`find /etc /var/lib/systemd -name '${unit}*'`), '')
    t.not(await agent.show('ActiveState'), 'active')
    t.match(await host.sh('ls /var/log/mailman'), 'post')
  })
})
