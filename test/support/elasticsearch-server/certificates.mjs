/** Makes `ca.crt`, and from that authority a server certificate for loopback names: `<name>.crt`, `<name>.key`. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const openssl = (directory, ...args) => execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })

export const makeAuthority = directory => {
  mkdirSync(directory, { recursive: true })
  if (existsSync(join(directory, 'ca.crt'))) return
  openssl(
    directory,
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=mailman-shipper test authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  )
}

/** @param dates `notBefore` and `notAfter` as openssl takes them (`20200101000000Z`); undefined: valid now, for 30 days. */
export const makeCertificate = (directory, name, names = 'DNS:localhost,IP:127.0.0.1,IP:::1', dates = undefined) => {
  openssl(
    directory,
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  )
  writeFileSync(join(directory, `${name}.ext`), `subjectAltName=${names}\n`)
  if (dates === undefined) {
    openssl(
      directory,
      'x509',
      '-req',
      '-days',
      '30',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    )
    return
  }
  // Only `openssl ca` sets both dates in every openssl 3; it wants a small database.
  writeFileSync(join(directory, 'index.txt'), '')
  writeFileSync(join(directory, 'serial'), '1000\n')
  writeFileSync(
    join(directory, 'ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n',
  )
  openssl(
    directory,
    'ca',
    '-batch',
    '-notext',
    '-config',
    'ca.cnf',
    '-cert',
    'ca.crt',
    '-keyfile',
    'ca.key',
    '-in',
    `${name}.csr`,
    '-extfile',
    `${name}.ext`,
    '-startdate',
    dates.notBefore,
    '-enddate',
    dates.notAfter,
    '-out',
    `${name}.crt`,
  )
}
