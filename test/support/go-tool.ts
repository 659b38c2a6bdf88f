/** Programs that only Go's module proxy has: built once by `go install`, kept for later runs. */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mailman-shipper-go')

/** Pinned: what they find wrong is to change with us, not with them. */
const tools = {
  /** Lints GitHub's workflows. */
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  /** Compose's reference implementation: reads a compose.yaml and prints what it means. */
  compose: 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2',
} as const

/** The path of its program. @throws with what to type */
export async function findGoTool(name: keyof typeof tools): Promise<string> {
  const module = tools[name]
  const bin = join(cache, module.replaceAll('/', '+'))
  const program = join(bin, basename(module.slice(0, module.indexOf('@'))))
  if (existsSync(program)) return program
  if (spawnSync('go', ['version']).status !== 0) throw new Error(`Go, 1.24 or newer, is missing. Type: apt-get install golang`)
  mkdirSync(bin, { recursive: true })
  // `go install` moves the finished program into place; two at once do no harm.
  await run('go', ['install', module], { env: { ...process.env, GOBIN: bin }, timeout: 240_000 }).catch(error => {
    throw new Error(`${module} could not be built:\n${`${error.stderr}`.slice(-500)}`)
  })
  return program
}
