/** The Debian package on a test host. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { builtPackage } from './package.js'
import type { SystemdHost } from './systemd-host.js'

/** @returns where the host finds it */
export async function bringPackage(host: SystemdHost, kind: 'full' | 'slim'): Promise<string> {
  const file = await builtPackage(kind)
  const inside = `/root/${basename(file)}`
  copyFileSync(file, host.path(inside))
  // Nothing here must outlast a power cut of this machine.
  writeFileSync(host.path('/etc/dpkg/dpkg.cfg.d/fast'), 'force-unsafe-io\n')
  return inside
}

/** The same package under another version, as a release before it. @param file on the host @returns where it lies beside it */
export async function asVersion(host: SystemdHost, file: string, version: string): Promise<string> {
  const other = `/root/as-${version}.deb`
  await host.sh(`
    dpkg-deb --raw-extract ${file} /root/raw
    sed -i 's/^Version: .*/Version: ${version}/' /root/raw/DEBIAN/control
    dpkg-deb -Znone --build /root/raw ${other} >/dev/null
    rm -r /root/raw`)
  return other
}

export async function installedVersion(host: SystemdHost): Promise<string> {
  return host.sh(`dpkg-query --show --showformat='\${Version}' mailman-shipper`)
}
