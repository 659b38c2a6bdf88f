// The OpenTelemetry Collector with the components that the work needs, made by its own builder (ocb).
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configure } from '../shipper.mjs'
import { once, run } from './cache.mjs'

const VERSION = '0.145.0'
const here = name => join(import.meta.dirname, name)

export const otelcol = {
  name: 'OpenTelemetry Collector',
  compressions: ['none', 'gzip'],
  usual: 'gzip',
  async obtain(say) {
    // With other components it is another program.
    const made = createHash('sha256')
      .update(readFileSync(here('otelcol-builder.yaml')))
      .digest('hex')
      .slice(0, 8)
    const folder = await once(`otelcol-${VERSION}-${made}`, async folder => {
      say(`building the OpenTelemetry Collector ${VERSION}, once: minutes`)
      const manifest = configure(folder, 'otelcol-builder.yaml', { VERSION })
      // Not every checksum database that a proxy keeps has all of them: these are from the go.sum of a project that uses it.
      mkdirSync(join(folder, 'build'))
      copyFileSync(here('otelcol.sum'), join(folder, 'build/go.sum'))
      await run('go', ['run', `go.opentelemetry.io/collector/cmd/builder@v${VERSION}`, '--config', manifest], { cwd: folder })
    })
    return {
      version: VERSION,
      prepare({ directory, state, logs, sink, compression }) {
        const values = { LOGS: logs, STATE: state, SINK: sink.origin, COMPRESSION: compression }
        const config = configure(directory, 'otelcol.yaml', values)
        return { command: join(folder, 'build/otelcol'), args: ['--config', config] }
      },
    }
  },
}
