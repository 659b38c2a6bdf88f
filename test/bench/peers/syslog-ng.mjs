// syslog-ng: file() with patterns, date-parser(), http() to the bulk interface. The http() of Debian 12's knows no compression.
import { dirname, join } from 'node:path'
import { configure } from '../shipper.mjs'
import { unpack } from './apt.mjs'
import { run } from './cache.mjs'

export const syslogNg = {
  name: 'syslog-ng',
  compressions: ['none'],
  usual: 'none',
  async obtain() {
    const { version, find, env } = await unpack('syslog-ng', ['syslog-ng-core', 'syslog-ng-mod-http'])
    const program = find('sbin/syslog-ng')
    const modules = `--module-path=${dirname(find('libhttp.so'))}`
    const [format] = /\d+\.\d+/.exec(await run(program, ['--version', modules], { env: { ...process.env, ...env } }))
    return {
      version,
      prepare({ directory, state, logs, sink }) {
        const config = configure(directory, 'syslog-ng.conf', { VERSION: format, LOGS: logs, SINK: sink.origin })
        const own = ['-f', config, '-R', join(state, 'persist'), '-p', join(directory, 'pid'), '-c', join(directory, 'control')]
        return { command: program, args: ['-F', '--no-caps', modules, ...own], env }
      },
    }
  },
}
