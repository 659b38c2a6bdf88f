// Fluent Bit, where there is one: no registry has it.
import { configure } from '../shipper.mjs'
import { run } from './cache.mjs'

export const fluentBit = {
  name: 'Fluent Bit',
  compressions: ['none', 'gzip'],
  usual: 'none',
  async obtain() {
    const program = process.env.FLUENT_BIT
    if (program === undefined) throw new Error('no registry has it; FLUENT_BIT=/path/to/fluent-bit')
    const [version] = /\d+\.\d+\.\d+/.exec(await run(program, ['--version']))
    return {
      version,
      prepare({ directory, state, logs, sink, compression }) {
        const parsers = configure(directory, 'fluent-bit-parsers.conf', {})
        const compress = compression === 'gzip' ? 'Compress gzip' : ''
        const places = { LOGS: logs, STATE: state, PARSERS: parsers, HOST: sink.hostname, PORT: sink.port }
        const config = configure(directory, 'fluent-bit.conf', { ...places, COMPRESS: compress })
        return { command: program, args: ['-c', config] }
      },
    }
  },
}
