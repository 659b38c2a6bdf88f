// Runs on the host, in the unit's sandbox and out of it: tries what the sandbox must deny or leave, prints one line of JSON.
// Arguments: verb:what …
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { appendFileSync, chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'

const send = address =>
  new Promise(resolve => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.on('error', () => {})
    socket.send('x', 9, address, error => {
      socket.close()
      resolve(error?.code ?? 'ok')
    })
  })

/** `ok` with an answer. */
const ask = target =>
  new Promise(resolve => {
    const [address, port] = target.split(':')
    const socket = createSocket('udp4')
    const end = outcome => {
      socket.close()
      resolve(outcome)
    }
    socket.on('message', () => end('ok'))
    socket.send('x', Number(port), address, error => error && end(error.code))
  })

const attempt = act => {
  try {
    act()
    return 'ok'
  } catch (error) {
    return error.code
  }
}

const verbs = {
  read: path => attempt(() => readFileSync(path)),
  list: path => attempt(() => readdirSync(path)),
  stat: path => attempt(() => statSync(path)),
  append: path => attempt(() => appendFileSync(path, '')),
  create: path => attempt(() => writeFileSync(path, '', { flag: 'wx' })),
  setuid: path =>
    attempt(() => {
      writeFileSync(path, '')
      chmodSync(path, 0o4755)
    }),
  send,
  ask,
  run: command => {
    const { status, error } = spawnSync('/bin/sh', ['-c', command], { stdio: 'ignore' })
    return error?.code ?? (status === 0 ? 'ok' : `exit ${status}`)
  },
}

const results = {}
for (const argument of process.argv.slice(2)) {
  const colon = argument.indexOf(':')
  results[argument] = await verbs[argument.slice(0, colon)](argument.slice(colon + 1))
}
process.stdout.write(`${JSON.stringify(results)}\n`)
