/**
 * The unit, as it is, installed by hand on a real systemd host: it starts, ships what another user writes, and survives what systemd
 * and its own faults do to it. What its sandbox denies: host-package.long.ts.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { startElasticsearch } from '../support/elasticsearch.js'
import { makeSite } from '../support/setup.js'
import { readCluster } from '../support/stored.js'
import { startSystemdHost, whyNoSystemdHost } from '../support/systemd-host.js'
import { installProject, unitFile } from '../support/systemd-host-install.js'
import { HostAgent, HostMailman, numbersIn, unit } from '../support/systemd-host-story.js'

t.setTimeout(600_000)

t.test('the unit', async t => {
  t.strictSame(
    readdirSync(join(dirname(unitFile), '..'), { recursive: true }).filter(name => String(name).endsWith('.service')),
    [`systemd/${unit}`],
    'is the only one in deploy/',
  )
})

t.test('on a real host', { skip: whyNoSystemdHost() ?? false }, async t => {
  const host = await startSystemdHost()
  t.teardown(() => host.stop())
  await installProject(host)
  const mailman = new HostMailman(host)
  await mailman.install()
  const agent = new HostAgent(host)

  t.test('the exposure that systemd reckons is at most 1.2', async t => {
    const told = await host.sh(`systemd-analyze security --no-pager --offline=true /etc/systemd/system/${unit}`)
    const exposure = Number(/Overall exposure level.*: (\d+\.\d+)/u.exec(told)?.[1])
    t.ok(exposure <= 1.2, `${exposure}\n${told.replace(/^✓.*\n/gmu, '')}`)
  })

  t.test('starts without configuration or key, and ships what another user writes', async t => {
    await mailman.write(20)
    await host.sh(`systemctl enable --now ${unit}`)
    t.equal(await agent.show('ActiveState'), 'active', 'ready')
    t.equal(await agent.show('StatusText'), 'Following the logs', 'systemd-notify was heard')
    t.match(await host.sh(`ls -l /proc/${await agent.show('MainPID')}/fd`), '/var/log/mailman/post', 'files are open')
    await mailman.write(5)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
    t.equal(await host.sh('stat -c "%U %G %a" /var/lib/mailman-shipper'), 'mailman-shipper mailman-shipper 700\n')
  })

  t.test('kill -9 while lines are written: started again, each line once', async t => {
    for (const round of [1, 2]) {
      const writing = mailman.write(2000)
      const before = await agent.show('MainPID')
      await host.sh(`systemctl kill --kill-who=main --signal=KILL ${unit}`)
      await writing
      await agent.replaced(before)
      t.strictSame(await agent.stored(mailman.written.length), mailman.written)
      t.equal(await agent.show('NRestarts'), `${round}`)
    }
  })

  t.test('an agent that stands still is ended by the watchdog', async t => {
    await agent.dropIn('[Service]\nWatchdogSec=2\n')
    await host.sh(`systemctl restart ${unit}`)
    const before = await agent.show('MainPID')
    await host.sh(`kill -STOP ${before}`)
    await mailman.write(10)
    await agent.replaced(before)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
    t.match(await host.sh(`journalctl --no-pager -u ${unit}`), /Watchdog timeout/u)
    await agent.removeDropIn()
    await host.sh(`systemctl restart ${unit}`)
  })

  t.test('stop delivers and ends well; the next start goes on where it was', async t => {
    await mailman.write(500)
    const begun = performance.now()
    await host.sh(`systemctl stop ${unit}`)
    t.ok(performance.now() - begun < 11_000, 'within the time to drain')
    t.equal(await agent.show('Result'), 'success')
    t.equal(await agent.show('ExecMainStatus'), '0')
    await mailman.write(10)
    await host.sh('mailman-shipper search --json >/dev/null') // root, while no agent runs, leaves nothing in its way
    await host.sh(`systemctl start ${unit}`)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
  })

  t.test(
    'reload: the configuration is read anew by the same process; a refused one is told, and the one before goes on',
    async t => {
      const file = host.path('/etc/mailman-shipper/config.yaml')
      const pid = await agent.show('MainPID')
      const says = (text: string): Promise<void> =>
        host.until(text, async () => (await agent.show('ActiveState')) === 'active' && (await agent.show('StatusText')) === text)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, 'logz: {}\n')
      await host.sh(`systemctl reload ${unit}`)
      await says('Following the logs; the new configuration is refused, see the journal')
      t.match(await host.sh(`journalctl --no-pager -u ${unit} -n 20`), /did you mean logs\?/u)
      await mailman.write(10)
      writeFileSync(file, 'instance: other\n')
      writeFileSync(host.path('/etc/mailman-shipper/api-key'), 'new', { mode: 0o600 })
      await host.sh(`systemctl reload ${unit}`)
      await says('Following the logs')
      await mailman.write(10)
      t.strictSame(await agent.stored(mailman.written.length), mailman.written)
      t.equal(await agent.show('MainPID'), pid)
      t.equal(await host.sh(`cat /run/credentials/${unit}/elasticsearch-api-key`), '\n', 'keys are handed over at a start only')
      await host.sh('rm /etc/mailman-shipper/config.yaml /etc/mailman-shipper/api-key')
    },
  )

  t.test('the log directory is moved away and made anew', async t => {
    await host.sh('mv /var/log/mailman /var/log/mailman.away')
    await mailman.makeLogDirectory()
    await mailman.write(10)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
  })

  t.test('starts with the host', async t => {
    await mailman.write(5)
    await host.powerOff()
    await host.boot()
    await host.until('the agent is active', async () => (await agent.show('ActiveState')) === 'active')
    await mailman.write(5)
    t.strictSame(await agent.stored(mailman.written.length), mailman.written)
  })

  t.test('a refused configuration is not tried again and again', async t => {
    mkdirSync(host.path('/etc/mailman-shipper'), { recursive: true })
    writeFileSync(host.path('/etc/mailman-shipper/config.yaml'), 'logz: {}\n')
    await host.run('systemctl', ['restart', unit])
    await host.until('failed', async () => (await agent.show('ActiveState')) === 'failed')
    t.equal(await agent.show('ExecMainStatus'), '2')
    t.match(await host.sh(`journalctl --no-pager -u ${unit} -n 20`), /did you mean logs\?/u)
    rmSync(host.path('/etc/mailman-shipper/config.yaml'))
  })

  t.test('to Elasticsearch, with the key as a credential', async t => {
    const server = await startElasticsearch()
    t.teardown(() => server.stop())
    const directory = mkdtempSync(join(tmpdir(), 'mailman-shipper-deploy-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    const site = makeSite(server, directory)
    t.equal((await site.setup()).code, 0)
    copyFileSync(server.caFile, host.path('/etc/mailman-shipper/ca.crt'))
    const keyFile = '/etc/mailman-shipper/api-key'
    const elasticsearch = { nodes: [server.url], caFile: 'ca.crt', apiKeyFile: keyFile, namespace: site.config.namespace }
    writeFileSync(host.path('/etc/mailman-shipper/config.yaml'), JSON.stringify({ elasticsearch }))
    await host.sh('chmod 644 /etc/mailman-shipper/*')

    // With another state all that the logs hold is to be shipped; without a key, nothing can be.
    await host.sh(`systemctl stop ${unit}; rm -r /var/lib/mailman-shipper; systemctl start ${unit}`)
    await host.until('held up', async () => (await host.run('mailman-shipper', ['status'])).code === 4)
    t.match((await host.run('mailman-shipper', ['status'])).stdout, `${keyFile}: there is no such file`)
    const begun = performance.now()
    await host.sh(`systemctl stop ${unit}`)
    t.ok(performance.now() - begun < 12_000, 'stops in the time to drain though nothing is taken')
    t.equal(await agent.show('Result'), 'success')

    writeFileSync(host.path(keyFile), readFileSync(site.keyFile), { mode: 0o600 })
    await host.sh(`systemctl start ${unit}`)
    await mailman.write(100)
    const before = await agent.show('MainPID')
    await host.sh(`systemctl kill --kill-who=main --signal=KILL ${unit}`)
    await agent.replaced(before)
    await mailman.write(1)
    const { client, close } = await site.admin()
    t.teardown(close)
    let found: number[] = []
    await host.until('all that the logs hold is in Elasticsearch', async () => {
      found = numbersIn(await readCluster(client, site.config.namespace))
      return found.length >= mailman.inLogs.length
    })
    t.strictSame(found, mailman.inLogs)
  })
})
