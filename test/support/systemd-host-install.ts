/** The built project on a test host, as a package would lay it out, with the runtime of this machine. */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SystemdHost } from './systemd-host.js'
import { execute } from './systemd-host-system.js'

const project = fileURLToPath(new URL('../..', import.meta.url))
export const unitFile = join(project, 'deploy/systemd/mailman-shipper.service')
const home = '/usr/lib/mailman-shipper'

/** What deploy/systemd/README.md says to do by hand: files, user, unit. The unit is not started. */
export async function installProject(host: SystemdHost): Promise<void> {
  if (!existsSync(join(project, 'dist/src/main.js'))) throw new Error('There is no dist/: npm run build')
  copyFileSync(process.execPath, host.path('/usr/bin/node'))
  chmodSync(host.path('/usr/bin/node'), 0o755)
  for (const path of ['package.json', 'dist', ...(await productionPackages())]) {
    const to = join(host.path(home), path)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(project, path), to, { recursive: true, verbatimSymlinks: true })
  }
  symlinkSync(`${home}/dist/src/main.js`, host.path('/usr/bin/mailman-shipper'))
  copyFileSync(unitFile, host.path('/etc/systemd/system/mailman-shipper.service'))
  await host.sh(`
    chmod -R u=rwX,go=rX ${home}
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin mailman-shipper
    systemctl daemon-reload`)
}

/** Paths below the project; what lies inside another package is copied with it. */
async function productionPackages(): Promise<string[]> {
  const { stdout } = await execute('npm', ['ls', '--prefix', project, '--omit=dev', '--all', '--parseable'])
  const paths = stdout
    .split('\n')
    .filter(path => path !== '')
    .map(path => relative(project, path))
    .filter(path => path.startsWith('node_modules/'))
  if (paths.length === 0) throw new Error('npm ls names no packages: npm ci')
  return paths.filter(path => !paths.some(other => path.startsWith(`${other}/`)))
}
