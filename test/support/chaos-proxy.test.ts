/** The network that fails lets go of what it holds: a socket left over kept a test's process until its time was up. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { startChaosProxy } from './chaos-proxy.js'
import { startElasticsearch } from './elasticsearch.js'
import { until } from './until.js'

/** Forty connections that go on writing, in a process that can be killed. */
const talkers = `
const { connect } = require('node:net')
for (let n = 0; n < 40; n++) {
  const socket = connect(Number(process.argv[1])).on('error', () => {})
  setInterval(() => socket.write('GET / HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n'), 1)
}`

t.test('connections that are reset while their other end is killed', async t => {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const sockets = (): number => process.getActiveResourcesInfo().filter(name => /TCPSocket|TLS/.test(name)).length
  const before = sockets()
  for (let round = 0; round < 4; round++) {
    const proxy = await startChaosProxy(server)
    const child = spawn(process.execPath, ['-e', talkers, `${proxy.port}`], { stdio: 'ignore' })
    await until(
      () => proxy.connections === 40,
      () => `40 connections; there are ${proxy.connections}`,
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    await proxy.close()
  }
  await until(
    () => sockets() <= before,
    () => `all is let go of; there are ${sockets()} sockets, and there were ${before}`,
  )
  t.pass('all is let go of')
})
