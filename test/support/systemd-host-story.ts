/** Who acts on a test host: a Mailman 2.1 as Debian lays it out, that writes numbered lines, and the agent's unit. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SystemdHost } from './systemd-host.js'

export const unit = 'mailman-shipper.service'

/** Files that group `list` may read and that are no logs. */
export const privateFiles = [
  '/etc/mailman/mm_cfg.py',
  '/var/lib/mailman/data/adm.pw',
  '/var/lib/mailman/data/heldmsg-dev-1.pck',
  '/var/lib/mailman/archives/private/dev/2026-November.txt',
  '/var/lib/mailman/lists/dev/config.pck',
  '/var/lib/mailman/qfiles/in/1.pck',
]

/** The number of the runner's next line; kept over a boot. */
const nextFile = '/var/lib/misc/next-line'

const runner = `#!/bin/sh
reopen() { exec 3>>/var/log/mailman/post; }
trap reopen HUP
trap 'on=' TERM
echo $$ >/run/mailman/mailman.pid
number=$1
on=yes
reopen
while [ "$on" ]; do
  stamp=$(date '+%b %d %H:%M:%S %Y') || continue
  echo "$stamp (1234) post to dev from ann@example.org, size=9, message-id=<n$number@example.org>, success" >&3
  number=$((number + 1))
  echo "$number" >${nextFile}
  sleep 0.02
done
exit 0
`

export class HostMailman {
  readonly #host: SystemdHost
  #next = 0
  #firstInLogs = 0

  constructor(host: SystemdHost) {
    this.#host = host
  }

  async install(): Promise<void> {
    for (const path of privateFiles) {
      mkdirSync(dirname(this.#host.path(path)), { recursive: true })
      writeFileSync(this.#host.path(path), 'private')
    }
    await this.#host.sh(`
      chown -R root:list /etc/mailman /var/lib/mailman
      chmod -R u=rwX,g=rX,o= /etc/mailman /var/lib/mailman
      chmod 2775 /var/lib/mailman
      ln -s /var/log/mailman /var/lib/mailman/logs`)
    await this.makeLogDirectory()
  }

  async makeLogDirectory(): Promise<void> {
    this.#firstInLogs = this.#next
    await this.#host.sh('install -d -o root -g list -m 2770 /var/log/mailman')
  }

  /** Appends lines as user list, 20 at a time. */
  async write(count: number): Promise<void> {
    const first = this.#next
    this.#next += count
    await this.#host.sh(
      `umask 007
      line="$(date '+%b %d %H:%M:%S %Y') (1234) post to dev from ann@example.org, size=9, message-id=<n&@example.org>, success"
      for start in $(seq ${first} 20 ${this.#next - 1}); do
        end=$((start + 19)); [ $end -lt ${this.#next} ] || end=${this.#next - 1}
        seq $start $end | sed "s/.*/$line/" >>/var/log/mailman/post
      done`,
      { user: 'list' },
    )
  }

  /**
   * Begins to write as a runner does, about 40 lines a second as user list, its file kept open until `mailmanctl reopen`, which is
   * there from now on. Until `stopWriting`, or the end of the host's power.
   */
  async startWriting(): Promise<void> {
    writeFileSync(this.#host.path('/usr/local/sbin/runner'), runner, { mode: 0o755 })
    mkdirSync(this.#host.path('/usr/lib/mailman/bin'), { recursive: true })
    const control = '#!/bin/sh\n# -q reopen\nkill -HUP "$(cat /run/mailman/mailman.pid)"\n'
    writeFileSync(this.#host.path('/usr/lib/mailman/bin/mailmanctl'), control, { mode: 0o755 })
    await this.#host.sh(`
      install -o list -g list /dev/null ${nextFile}
      systemd-run --quiet --collect --unit=mailman --property=User=list --property=Group=list --property=RuntimeDirectory=mailman \
        --property=UMask=0007 /usr/local/sbin/runner ${this.#next}`)
    await this.#host.until('the runner writes', this.hasWritten(5))
  }

  async stopWriting(): Promise<void> {
    await this.#host.sh('if systemctl --quiet is-active mailman; then systemctl stop mailman; fi')
    this.#next = this.#runnerIsAt()
  }

  /** Has it written so many more lines since this was asked for? For `until`. */
  hasWritten(count: number): () => Promise<boolean> {
    const before = this.#runnerIsAt()
    return () => Promise.resolve(this.#runnerIsAt() >= before + count)
  }

  #runnerIsAt(): number {
    return Number(readFileSync(this.#host.path(nextFile), 'utf8'))
  }

  /** The numbers of all lines. */
  get written(): number[] {
    return Array.from({ length: this.#next }, (_, number) => number)
  }

  /** The numbers of the lines that the log directory holds. */
  get inLogs(): number[] {
    return this.written.slice(this.#firstInLogs)
  }
}

export class HostAgent {
  readonly #host: SystemdHost

  constructor(host: SystemdHost) {
    this.#host = host
  }

  /** A property of the unit, as text. */
  async show(property: string): Promise<string> {
    return (await this.#host.sh(`systemctl show --value -p ${property} ${unit}`)).trim()
  }

  /** @param before the MainPID of an agent that must have been replaced by one that is ready */
  async replaced(before: string): Promise<void> {
    await this.#host.until(`the unit is active with another process than ${before}`, async () => {
      const [state, pid] = [await this.show('ActiveState'), await this.show('MainPID')]
      return state === 'active' && pid !== before && pid !== '0'
    })
  }

  /** The numbers of the stored lines, ascending, when there are at least so many; a line that is stored twice is there twice. */
  async stored(count: number): Promise<number[]> {
    let found: number[] = []
    await this.#host.until(`${count} lines are stored`, async () => {
      const { stdout } = await this.#host.run('mailman-shipper', ['search', '--json', '--limit', '10000'])
      const lines = stdout.split('\n').filter(line => line !== '')
      found = numbersIn(lines.map(line => JSON.parse(line) as { message: string }))
      return found.length >= count
    })
    return found
  }

  /** Settings of the test alone, until the host is powered off or `removeDropIn`. */
  async dropIn(settings: string): Promise<void> {
    const directory = this.#host.path(`/run/systemd/system/${unit}.d`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(`${directory}/test.conf`, settings)
    await this.#host.sh('systemctl daemon-reload')
  }

  async removeDropIn(): Promise<void> {
    await this.#host.sh(`rm -r /run/systemd/system/${unit}.d; systemctl daemon-reload`)
  }
}

export function numbersIn(documents: readonly { readonly message: string }[]): number[] {
  return documents.map(({ message }) => Number(/<n(\d+)@example\.org>/u.exec(message)?.[1] ?? Number.NaN)).sort((a, b) => a - b)
}
