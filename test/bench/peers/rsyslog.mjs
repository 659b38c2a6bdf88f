// rsyslog: imfile, mmnormalize (liblognorm), omelasticsearch. Its output knows no compression.
import { dirname, join } from 'node:path'
import { configure } from '../shipper.mjs'
import { unpack } from './apt.mjs'

export const rsyslog = {
  name: 'rsyslog',
  compressions: ['none'],
  usual: 'none',
  async obtain() {
    const { version, find, env } = await unpack('rsyslog', ['rsyslog', 'rsyslog-elasticsearch'])
    const program = find('sbin/rsyslogd')
    // The programs are told where to look for modules: those of the host are elsewhere.
    const modules = [...new Set(['imfile.so', 'omelasticsearch.so', 'lmnet.so'].map(find).map(dirname))].join(':')
    return {
      version,
      prepare({ directory, state, logs, sink }) {
        const rules = configure(directory, 'rsyslog.rulebase', {})
        const values = { LOGS: logs, STATE: state, RULES: rules, HOST: sink.hostname, PORT: sink.port }
        const config = configure(directory, 'rsyslog.conf', values)
        return { command: program, args: ['-n', '-f', config, '-i', join(directory, 'pid'), '-M', modules], env }
      },
    }
  },
}
