// The agent itself, as built, with nothing but defaults: what a document holds is not less here than elsewhere.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { main, version } from '../program.mjs'

export const mailmanShipper = {
  name: 'mailman-shipper',
  compressions: ['none', 'gzip'],
  usual: 'gzip',
  async obtain() {
    return {
      version,
      prepare({ directory, state, logs, sink, compression }) {
        const config = join(directory, 'config.yaml')
        const options = {
          host: { name: 'lists.example.org' },
          logs: { directories: [logs], timezone: 'UTC' },
          state: { directory: state },
          elasticsearch: { nodes: [sink.origin], compression },
        }
        writeFileSync(config, JSON.stringify(options)) // which is YAML too
        return { command: process.execPath, args: [main, 'run', '--log-level', 'warn', '--config', config] }
      },
    }
  },
}
