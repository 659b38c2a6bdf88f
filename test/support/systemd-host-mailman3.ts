/**
 * A test host with Debian's package of Mailman 3 on it, as apt installs it on a running host: done once, and kept in the cache
 * as a layer over the minimal system.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { SystemdHost } from './systemd-host.js'
import { buildSystem, hostPrefix, removeHost, removeLeftovers } from './systemd-host-system.js'

/** Hosts share this machine's network, so Mailman gets a loopback of its own, where a mail server takes all that it sends. */
const units = {
  'mailman3.service.d/network.conf': '[Service]\nPrivateNetwork=yes\n',
  'mail-server.service': `[Unit]
After=mailman3.service
JoinsNamespaceOf=mailman3.service
[Service]
PrivateNetwork=yes
ExecStart=/usr/bin/python3 -m aiosmtpd -n -c aiosmtpd.handlers.Sink -l 127.0.0.1:25
[Install]
WantedBy=multi-user.target
`,
}

/** @param suite of Debian: bookworm has Mailman 3.3.8, bullseye 3.3.3 */
export async function startMailman3Host(suite: 'bookworm' | 'bullseye'): Promise<SystemdHost> {
  removeLeftovers()
  const base = await buildSystem(suite)
  const layer = `${base}+mailman3`
  if (!existsSync(layer)) await buildLayer(base, layer)
  const host = new SystemdHost(`${layer}:${base}`, mkdtempSync(join(tmpdir(), `${hostPrefix}${process.pid}-`)))
  await host.boot()
  return host
}

/** About a minute. */
async function buildLayer(base: string, layer: string): Promise<void> {
  const building = join(dirname(layer), `building-${process.pid}-${basename(layer).split('-')[0]}`)
  mkdirSync(building)
  const host = new SystemdHost(base, building)
  try {
    await host.boot()
    for (const [name, text] of Object.entries(units)) {
      const file = host.path(join('/etc/systemd/system', name))
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    await host.sh(`
      apt-get update -qq
      apt-get install -y -qq --no-install-recommends mailman3 dbconfig-sqlite3
      apt-get clean
      # For Postfix, Debian's default, it would not start: postmap is not there.
      sed -i 's/^incoming: .*/incoming: mailman.mta.exim4.LMTP/' /etc/mailman3/mailman.cfg
      rm -r /var/lib/apt/lists/*
      systemctl enable --quiet mail-server`)
    await host.powerOff()
    renameSync(join(building, 'upper'), layer)
  } catch (error) {
    // Another test process was faster.
    if (!existsSync(layer)) throw error
  } finally {
    await host.powerOff()
    removeHost(building)
  }
}

/** A list of it, and people who write to it. */
export class HostMailman3 {
  readonly #host: SystemdHost
  readonly list = 'dev@lists.example.org'

  constructor(host: SystemdHost) {
    this.#host = host
  }

  /** Mailman's own command, as the user that Debian runs it as. */
  async command(line: string): Promise<string> {
    return await this.#host.sh(`mailman ${line}`, { user: 'list' })
  }

  /** All its runners are at work: the last to be so is the one that takes mail. */
  async ready(): Promise<void> {
    await this.#host.until('Mailman takes mail', async () => (await this.#lmtp('server.noop()')).code === 0)
  }

  /** Mail as the mail server hands it over, by LMTP. */
  async post(from: string, messageId: string): Promise<void> {
    const mail = `From: ${from}\\nTo: ${this.list}\\nSubject: Hello\\nMessage-ID: ${messageId}\\n\\nHello\\n`
    const { code, stderr } = await this.#lmtp(`server.sendmail('${from}', '${this.list}', '${mail}')`)
    if (code !== 0) throw new Error(stderr)
  }

  #lmtp(statement: string): ReturnType<SystemdHost['run']> {
    const script = `import smtplib\nserver = smtplib.LMTP('127.0.0.1', 8024)\n${statement}\n`
    const within = 'nsenter --net --target "$(systemctl show --value -p MainPID mailman3)"'
    return this.#host.run('sh', ['-ec', `${within} python3 -c "$0"`, script])
  }
}
