/**
 * What the unit's sandbox denies: the same attempts by the same user and groups, once in the unit (every line of it but what it
 * runs and how) and once without it, so that each denial is known to be the sandbox's.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { SystemdHost } from '../support/systemd-host.js'
import { unitFile } from '../support/systemd-host-install.js'
import { privateFiles } from '../support/systemd-host-story.js'

const probe = '/usr/lib/sandbox-probe.mjs'

/** Attempt → its outcome without the sandbox, and in it. */
const attempts: Record<string, readonly [string, string]> = {
  'read:/var/log/mailman/post': ['ok', 'ok'],
  'append:/var/log/mailman/post': ['ok', 'EROFS'],
  'create:/var/log/mailman/new': ['ok', 'EROFS'],
  'list:/var/lib/mailman/logs': ['ok', 'ok'],
  ...Object.fromEntries(privateFiles.map(path => [`read:${path}`, ['ok', 'EACCES'] as const])),
  'read:/etc/shadow': ['EACCES', 'EACCES'],
  'list:/home': ['ok', 'EACCES'],
  'create:/var/tmp/left-here': ['ok', 'ok'], // its own /var/tmp: see below
  'append:/usr/lib/open-to-all': ['ok', 'EROFS'],
  'create:/var/lib/mailman-shipper/probe': ['ok', 'ok'],
  'setuid:/var/lib/mailman-shipper/setuid': ['ok', 'EPERM'],
  'stat:/proc/1': ['ok', 'ENOENT'],
  'stat:/proc/meminfo': ['ok', 'ENOENT'],
  'run:unshare --user true': ['ok', 'exit 1'],
  'run:command -v systemd-notify': ['ok', 'ok'],
  'send:127.0.0.1': ['ok', 'ok'],
  'send:::1': ['ok', 'ok'],
  'send:203.0.113.1': ['ok', 'EPERM'],
  'send:169.254.169.254': ['ok', 'EPERM'],
  'send:10.0.0.1': ['ok', 'ok'],
}

export async function testSandbox(t: Test, host: SystemdHost): Promise<void> {
  copyFileSync(fileURLToPath(new URL('sandbox-probe.mjs', import.meta.url)), host.path(probe))
  await host.sh('mkdir -p /home; install -m 666 /dev/null /usr/lib/open-to-all')
  const names = Object.keys(attempts)
  const quoted = names.map(name => `"${name}"`).join(' ')

  const settings = readFileSync(unitFile, 'utf8')
    .replace(/^ExecStart=.*$/mu, `ExecStart=/usr/bin/node ${probe} ${quoted}\nStandardOutput=file:/run/probe.json`)
    .replace(/^Type=notify$/mu, 'Type=oneshot')
    .replace(/^(Restart|Watchdog).*$/gmu, '')
  writeFileSync(host.path('/run/systemd/system/sandbox-probe.service'), settings)
  await host.sh('systemctl daemon-reload; systemctl start sandbox-probe.service')
  const within = JSON.parse(readFileSync(host.path('/run/probe.json'), 'utf8'))
  t.strictSame(within, Object.fromEntries(names.map(name => [name, attempts[name]![1]])), 'in the sandbox')
  await host.sh('! ls /var/tmp/left-here', { user: 'mailman-shipper' })

  await host.sh('rm /var/lib/mailman-shipper/probe /var/lib/mailman-shipper/setuid')
  const become = 'setpriv --reuid=mailman-shipper --regid=mailman-shipper --groups=mailman-shipper,list'
  const without = JSON.parse(await host.sh(`${become} node ${probe} ${quoted}`))
  t.strictSame(without, Object.fromEntries(names.map(name => [name, attempts[name]![0]])), 'without it')
  await host.sh('rm /var/lib/mailman-shipper/probe /var/lib/mailman-shipper/setuid /var/log/mailman/new /var/tmp/left-here')
}
