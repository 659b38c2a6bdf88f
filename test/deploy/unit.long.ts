/**
 * `check --unit --write` on a real systemd host: systemd takes the drop-in, and the sandbox then lets through what the configuration
 * needs, and nothing else.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startSystemdHost, whyNoSystemdHost } from '../support/systemd-host.js'
import { installProject, unitFile } from '../support/systemd-host-install.js'
import { HostMailman, unit } from '../support/systemd-host-story.js'

t.setTimeout(600_000)

const dropIn = `/etc/systemd/system/${unit}.d/50-site.conf`
const probe = '/usr/lib/sandbox-probe.mjs'
const configuration = `elasticsearch: { nodes: ["https://es.example.org:9200"], apiKeyFile: /etc/mailman-shipper/other-key }
alerts: { guards: { held: { directories: [/var/lib/mailman/data] } } }
`
/** Attempt → its outcome with the unit alone, and with the drop-in. */
const attempts: Record<string, readonly [string, string]> = {
  'send:203.0.113.7': ['EPERM', 'ok'],
  'send:203.0.113.8': ['EPERM', 'EPERM'],
  'send:127.0.0.1': ['ok', 'ok'],
  'read:/var/lib/mailman/data/heldmsg-dev-1.pck': ['EACCES', 'ok'],
  'read:/var/lib/mailman/lists/dev/config.pck': ['EACCES', 'EACCES'],
  'read:/etc/mailman/mm_cfg.py': ['EACCES', 'EACCES'],
  'read:/var/log/mailman/post': ['EACCES', 'ok'], // its group is none of the unit's
  'run:grep -qx other $CREDENTIALS_DIRECTORY/elasticsearch-api-key': ['exit 1', 'ok'],
}

t.test('on a real host', { skip: whyNoSystemdHost() ?? false }, async t => {
  const host = await startSystemdHost()
  t.teardown(() => host.stop())
  await installProject(host)
  const mailman = new HostMailman(host)
  await mailman.install()
  await mailman.write(1)
  copyFileSync(fileURLToPath(new URL('sandbox-probe.mjs', import.meta.url)), host.path(probe))
  await host.sh(`
    echo '203.0.113.7 es.example.org' >>/etc/hosts
    echo 'nameserver 127.0.0.1' >/etc/resolv.conf
    groupadd --system mailman
    chgrp -R mailman /var/log/mailman
    install -d /etc/mailman-shipper
    (umask 077; echo other >/etc/mailman-shipper/other-key)`)
  writeFileSync(host.path('/etc/mailman-shipper/config.yaml'), configuration)

  /** The attempts with all settings of the unit and its drop-in, but what it runs and how. */
  const tryAll = async (): Promise<unknown> => {
    const quoted = Object.keys(attempts).map(name => `"${name.replace('$', '$$')}"`)
    const settings = readFileSync(unitFile, 'utf8')
      .replace(
        /^ExecStart=.*$/mu,
        () => `ExecStart=/usr/bin/node ${probe} ${quoted.join(' ')}\nStandardOutput=file:/run/probe.json`,
      )
      .replace(/^Type=notify$/mu, 'Type=oneshot')
      .replace(/^(Restart|Watchdog).*$/gmu, '')
    mkdirSync(host.path('/run/systemd/system/probe.service.d'), { recursive: true })
    writeFileSync(host.path('/run/systemd/system/probe.service'), settings)
    if (existsSync(host.path(dropIn)))
      copyFileSync(host.path(dropIn), host.path('/run/systemd/system/probe.service.d/50-site.conf'))
    await host.sh('rm -f /run/probe.json; systemctl daemon-reload; systemctl start probe.service')
    return JSON.parse(readFileSync(host.path('/run/probe.json'), 'utf8'))
  }
  const expected = (which: 0 | 1) =>
    Object.fromEntries(Object.entries(attempts).map(([name, outcomes]) => [name, outcomes[which]]))
  const unitLine = async () => /^\w+ +unit: .*$/m.exec((await host.run('mailman-shipper', ['check'])).stdout)?.[0]

  t.strictSame(await tryAll(), expected(0), 'the unit alone denies them')
  t.match(await unitLine(), /^warning .* does not have IPAddressAllow=203\.0\.113\.7, SupplementaryGroups=, InaccessiblePaths=$/)

  const written = await host.run('mailman-shipper', ['check', '--unit', '--write'])
  t.equal(written.code, 0, written.stderr)
  t.equal(statSync(host.path(dropIn)).mode & 0o777, 0o644)
  await host.sh('systemctl daemon-reload')
  const verified = await host.run('systemd-analyze', ['verify', unit])
  t.equal(verified.code, 0)
  t.notMatch(verified.stderr, '50-site.conf')
  t.match(await unitLine(), /^ok .* lets the agent do what the configuration needs$/)
  t.strictSame(await tryAll(), expected(1), 'with the drop-in those that are needed go through')

  writeFileSync(host.path('/etc/mailman-shipper/config.yaml'), '')
  await host.sh('chgrp -R list /var/log/mailman')
  t.equal((await host.run('mailman-shipper', ['check', '--unit', '--write'])).code, 0)
  t.notOk(existsSync(host.path(dropIn)), 'it goes when nothing is needed')
})
