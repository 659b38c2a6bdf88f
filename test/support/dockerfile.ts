/**
 * Carries out a Dockerfile without a container runtime: each stage is a throw-away layer over this machine's own system, which stands
 * in for the base image; RUN and COPY do what they say, in their order, as root, in a mount namespace of their own. What comes out is
 * run as a container would be: read-only, without network, capabilities or new privileges. Understood is what our Dockerfile uses.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Stage {
  readonly upper: string
  readonly work: string
}

export interface Image {
  /** The layer of the last stage. */
  readonly upper: string
  readonly env: readonly string[]
  readonly user: string
  readonly volume: string
  readonly healthcheck: readonly string[]
  readonly command: readonly string[]
}

/** @param directory a place on a real disk @throws with what a command said */
export async function buildImage(dockerfile: string, context: string, directory: string): Promise<Image> {
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  let workdir = '/'
  let image: Image = { upper: '', env: [], user: '', volume: '', healthcheck: [], command: [] }
  const text = dockerfile.replace(/^#.*\n/gmu, '').replace(/\\\n/gu, ' ')
  for (const [, keyword, rest] of text.matchAll(/^([A-Z]+) (.*)$/gmu)) {
    const args = rest!
    if (keyword === 'FROM') {
      const name = / AS (\w+)$/u.exec(args)?.[1] ?? 'last'
      stage = { upper: join(directory, name, 'upper'), work: join(directory, name, 'work') }
      for (const path of Object.values(stage)) mkdirSync(path, { recursive: true })
      stages.set(name, stage)
      workdir = '/'
      image = { ...image, upper: stage.upper }
    } else if (keyword === 'WORKDIR') {
      workdir = args
      await within(stage!, `mkdir -p "$root${workdir}"`)
    } else if (keyword === 'RUN') {
      await within(stage!, `chroot "$root" sh -euc 'cd ${workdir}; ${args.replaceAll("'", `'\\''`)}'`)
    } else if (keyword === 'COPY') {
      const { from, paths } = /^(?:--from=(?<from>\w+) )?(?<paths>.*)$/u.exec(args)!.groups!
      const [to, ...sources] = paths!.split(' ').reverse() as [string, ...string[]]
      const base = from === undefined ? context : stages.get(from)!.upper
      const into = to.endsWith('/') || to === '.' ? to : undefined
      // Of a directory its contents are copied, of a file itself.
      for (const source of sources) {
        const target = `"$root${join(workdir, to)}"`
        const copy = `if [ -d "${join(base, source)}" ]; then mkdir -p ${target}; cp -R --preserve=mode,links "${join(base, source)}/." ${target}
          else mkdir -p ${into === undefined ? `"$(dirname ${target})"` : target}; cp --preserve=mode "${join(base, source)}" ${target}; fi`
        await within(stage!, copy)
      }
    } else if (keyword === 'ENV') image = { ...image, env: args.split(' ') }
    else if (keyword === 'USER') image = { ...image, user: args }
    else if (keyword === 'VOLUME') image = { ...image, volume: args }
    else if (keyword === 'HEALTHCHECK') image = { ...image, healthcheck: JSON.parse(args.slice(args.indexOf('['))) }
    else if (keyword === 'ENTRYPOINT' || keyword === 'CMD')
      image = { ...image, command: [...image.command, ...(JSON.parse(args) as string[])] }
    else if (keyword !== 'ARG' && keyword !== 'STOPSIGNAL') throw new Error(`${keyword} is not understood here`)
  }
  return image
}

async function within({ upper, work }: Stage, script: string): Promise<void> {
  const mounted = `
    root=$(dirname "$1")/root; mkdir -p "$root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1,workdir=$2" "$root"
    mount --rbind /proc "$root/proc"; mount --rbind /dev "$root/dev"
    ${script}`
  await run('unshare', ['--mount', 'sh', '-euc', mounted, 'stage', upper, work], { maxBuffer: 2 ** 26, timeout: 400_000 })
}

/** A process in it, which sees it read-only but for its volume. */
export class Container {
  readonly #image: Image
  readonly #root: string
  readonly #groups: string
  readonly main: ChildProcess
  output = ''

  /** @param binds where in the container → what of this machine, read-only; @param groups their numbers */
  constructor(image: Image, directory: string, binds: Readonly<Record<string, string>>, groups: string) {
    this.#image = image
    this.#root = join(directory, 'root')
    this.#groups = groups
    mkdirSync(this.#root, { recursive: true })
    const mounts = Object.entries(binds).map(
      ([at, what]) => `mkdir -p "$root${at}"; mount --bind "${what}" "$root${at}"; mount -o remount,ro,bind "$root${at}"`,
    )
    const script = `
      root=$1; volume=$2/volume
      [ -e "$volume" ] || cp -a "$3${image.volume}" "$volume"
      mkdir -p "$2/work"
      mount -t overlay overlay -o "lowerdir=/,upperdir=$3,workdir=$2/work" "$root"
      mount --rbind /proc "$root/proc"; mount --rbind /dev "$root/dev"
      mount --bind "$volume" "$root${image.volume}"
      ${mounts.join('\n')}
      mount -o remount,ro,bind "$root"
      exec ${this.#become(image.command)}`
    this.main = spawn('unshare', ['--mount', '--net', 'sh', '-euc', script, 'container', this.#root, directory, image.upper], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.main.stdout!, this.main.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
  }

  /** Runs in it beside the main process. */
  async exec(command: readonly string[]): Promise<{ code: number; said: string }> {
    const args = ['--mount', '--net', `--target=${this.main.pid}`, 'sh', '-euc', `exec ${this.#become(command)}`]
    return run('nsenter', args).then(
      ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    )
  }

  #become(command: readonly string[]): string {
    const [uid, gid] = this.#image.user.split(':')
    const env = ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/', ...this.#image.env].join(' ')
    const lesser = `--pdeathsig=KILL --reuid=${uid} --regid=${gid} --groups=${this.#groups} --no-new-privs --bounding-set=-all --inh-caps=-all`
    return `chroot "${this.#root}" setpriv ${lesser} env -i ${env} ${command.map(word => `'${word}'`).join(' ')}`
  }
}

/** Names of all packages in a node_modules. */
export const packagesIn = (directory: string): string[] =>
  readdirSync(directory).flatMap(name =>
    name.startsWith('@') ? readdirSync(join(directory, name)).map(part => `${name}/${part}`) : [name],
  )
