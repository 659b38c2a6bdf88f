// Filebeat 7.17, the last that the Go proxy has whole: built from its own module, with what that replaces of others.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configure } from '../shipper.mjs'
import { once, run } from './cache.mjs'

const VERSION = '7.17.29'
const MODULE = 'github.com/elastic/beats/v7'
const env = { ...process.env, GOFLAGS: '-mod=mod' }

export const filebeat = {
  name: 'Filebeat',
  compressions: ['none', 'gzip'],
  usual: 'gzip',
  async obtain(say) {
    const folder = await once(`filebeat-${VERSION}`, async folder => {
      say(`building Filebeat ${VERSION}, once: minutes`)
      const got = JSON.parse(await run('go', ['mod', 'download', '-json', `${MODULE}@v${VERSION}`], { cwd: folder, env }))
      // Go heeds `replace` in the main module only.
      const replaced = /^replace \([^)]*\n\)/m.exec(readFileSync(got.GoMod, 'utf8'))[0]
      const lines = ['module bench/filebeat', 'go 1.23', `require ${MODULE} v${VERSION}`, replaced, '']
      writeFileSync(join(folder, 'go.mod'), lines.join('\n\n'))
      // It reaches into the runtime in ways that newer Go refuses unless told.
      await run('go', ['build', '-ldflags', '-s -w -checklinkname=0', '-o', 'filebeat', `${MODULE}/filebeat`], {
        cwd: folder,
        env,
      })
    })
    return {
      version: VERSION,
      prepare({ directory, state, logs, sink, compression }) {
        const level = compression === 'gzip' ? '1' : '0'
        const config = configure(directory, 'filebeat.yml', { LOGS: logs, SINK: sink.origin, LEVEL: level })
        const paths = ['--path.home', directory, '--path.data', state, '--path.logs', directory]
        return { command: join(folder, 'filebeat'), args: ['-e', '-c', config, ...paths] }
      },
    }
  },
}
