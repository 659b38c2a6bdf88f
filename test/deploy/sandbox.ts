/**
 * What the sandbox of the installed unit denies: the same attempts by the same user and groups, once in the unit (all of it but what
 * it runs) and once without it, so that each denial is known to be the sandbox's.
 */
import { createSocket } from 'node:dgram'
import { copyFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { SystemdHost } from '../support/systemd-host.js'
import { HostAgent, privateFiles, unit } from '../support/systemd-host-story.js'

const probe = '/usr/lib/sandbox-probe.mjs'
const node = '/usr/lib/mailman-shipper/bin/node'
const become = 'setpriv --reuid=mailman-shipper --regid=mailman-shipper --groups=mailman-shipper,list'

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

/** The agent is stopped for it, and stays so. */
export async function testSandbox(t: Test, host: SystemdHost): Promise<void> {
  copyFileSync(fileURLToPath(new URL('sandbox-probe.mjs', import.meta.url)), host.path(probe))
  await host.sh('mkdir -p /home; install -m 666 /dev/null /usr/lib/open-to-all')
  const names = Object.keys(attempts)

  t.strictSame(await within(host, names), outcomes(names, 1), 'in the sandbox')
  await host.sh('! ls /var/tmp/left-here', { user: 'mailman-shipper' })

  await host.sh('rm /var/lib/mailman-shipper/probe /var/lib/mailman-shipper/setuid')
  t.strictSame(await without(host, names), outcomes(names, 0), 'without it')
  await host.sh('rm /var/lib/mailman-shipper/probe /var/lib/mailman-shipper/setuid /var/log/mailman/new /var/tmp/left-here')
}

/**
 * The same questions to a server that answers, with the unit's filter of addresses, without one, and with a narrower one. By UDP, where
 * what is filtered is refused at once: a TCP connection would be tried for two minutes.
 */
export async function testAddressFilter(t: Test, host: SystemdHost): Promise<void> {
  const server = createSocket('udp4')
  t.teardown(() => server.close())
  server.on('message', (message, { address, port }) => server.send(message, port, address))
  // All of this machine's addresses: the host shares them.
  const port = await new Promise<number>(resolve => {
    server.bind(0, '0.0.0.0', () => resolve(server.address().port))
  })
  const [one, two] = [`ask:127.0.0.1:${port}`, `ask:127.0.0.2:${port}`]
  const both = { [one]: 'ok', [two]: 'ok' }
  t.strictSame(await without(host, [one, two]), both, 'without the sandbox')
  t.strictSame(await within(host, [one, two], 'IPAddressDeny='), both, 'in the sandbox without its filter')
  t.strictSame(await within(host, [one, two]), both, 'as the unit is: all of loopback')
  const narrow = 'IPAddressAllow=\nIPAddressAllow=127.0.0.1'
  t.strictSame(await within(host, [one, two], narrow), { [one]: 'ok', [two]: 'EPERM' }, 'one address')
}

const outcomes = (names: readonly string[], place: 0 | 1): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, attempts[name]![place]]))

const quoted = (names: readonly string[]): string => names.map(name => `"${name}"`).join(' ')

/** In the unit itself, by a drop-in that says what else it runs. */
async function within(host: SystemdHost, names: readonly string[], settings = ''): Promise<unknown> {
  const agent = new HostAgent(host)
  await host.sh(`systemctl stop ${unit}; rm -f /run/probe.json`)
  const what = `ExecStart=\nExecStart=${node} ${probe} ${quoted(names)}\nStandardOutput=file:/run/probe.json`
  await agent.dropIn(`[Service]\n${what}\nType=oneshot\nRestart=no\nWatchdogSec=0\n${settings}\n`)
  await host.sh(`systemctl start ${unit}`)
  await agent.removeDropIn()
  return JSON.parse(readFileSync(host.path('/run/probe.json'), 'utf8'))
}

async function without(host: SystemdHost, names: readonly string[]): Promise<unknown> {
  return JSON.parse(await host.sh(`${become} ${node} ${probe} ${quoted(names)}`))
}
