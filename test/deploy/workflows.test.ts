/** The workflows of the forge: actionlint finds nothing in them, and what they may do and run is as little as they need. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { findGoTool } from '../support/go-tool.js'

interface Job {
  permissions?: Record<string, string>
  uses?: string
  'timeout-minutes'?: number
  steps?: { uses?: string; run?: string; with?: Record<string, unknown> }[]
}
interface Workflow {
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = '.github/workflows'
const names = readdirSync(join(root, folder))
const read = (name: string): string => readFileSync(join(root, folder, name), 'utf8')
const { release, ci } = Object.fromEntries(names.map(name => [name.replace('.yml', ''), parse(read(name)) as Workflow])) as {
  release: Workflow
  ci: Workflow
}

t.test('actionlint finds nothing, and would', async t => {
  const program = await findGoTool('actionlint')
  // It finds a workflow that is called by the repository's root.
  const project = t.testdir({})
  mkdirSync(join(project, '.git'))
  cpSync(join(root, folder), join(project, folder), { recursive: true })
  const lint = (): string => spawnSync(program, ['-no-color', '-oneline'], { cwd: project, encoding: 'utf8' }).stdout
  t.equal(lint(), '')
  writeFileSync(join(project, folder, 'ci.yml'), read('ci.yml').replace('matrix.node', 'matrix.nodes'))
  t.match(lint(), 'property "nodes" is not defined')
})

t.test('every action is pinned by its commit, with the version it has', async t => {
  for (const name of names) {
    const uses = read(name).match(/uses: .*$/gmu) ?? []
    for (const line of uses) t.match(line, /^uses: (?:\.\/.+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/u, line)
  }
})

t.test('least rights', async t => {
  t.strictSame(ci.permissions, { contents: 'read' })
  t.strictSame(release.permissions, {}, 'none but what a job names')
  const rights = Object.fromEntries(Object.entries(release.jobs).map(([name, { permissions }]) => [name, permissions]))
  t.strictSame(rights, {
    test: { contents: 'read' },
    build: { contents: 'read' },
    attest: { 'id-token': 'write', attestations: 'write', 'artifact-metadata': 'write' },
    npm: { 'id-token': 'write' },
    release: { contents: 'write' },
  })
  for (const [name, { steps = [] }] of [...Object.entries(ci.jobs), ...Object.entries(release.jobs)])
    for (const { uses = '', run = '', with: given } of steps) {
      if (uses.startsWith('actions/checkout@')) t.equal(given?.['persist-credentials'], false, `${name}: no credentials are left`)
      t.notMatch(run, '${{', `${name}: nothing is pasted into a shell`)
      t.notMatch(run, /npm (?:ci|publish|pack)(?!.*--ignore-scripts)/u, `${name}: no scripts of others run`)
    }
  t.notMatch(read('release.yml'), /secrets\./u, 'no token that lasts')
})

t.test('what they run is there', async t => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const text = names.map(read).join('\n')
  for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:]+)/gu)) t.ok(script! in scripts, `npm run ${script}`)
  for (const [path] of text.matchAll(/\.ci\/[\w.-]+/gu)) t.ok(existsSync(join(root, path)), path)
})
