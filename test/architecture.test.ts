/** The rules of docs/architecture.md that a machine can check. A message names the file and the rule. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { errors } from '../src/errors.js'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Source {
  /** `src/files/read.ts` */
  readonly path: string
  /** `src/files`, `src` or `parsers`. */
  readonly folder: string
  readonly text: string
  /** As written, and whether for types only. */
  readonly imports: readonly { readonly from: string; readonly isType: boolean }[]
}

function readSources(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => {
      const path = relative(root, join(entry.parentPath, entry.name))
      const text = readFileSync(join(root, path), 'utf8')
      const statements = text.matchAll(
        /^(?:import|export)\s+(type\s)?[^'"`;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
      )
      const imports = [...statements].map(([, type, from, bare, dynamic]) => ({
        from: from ?? bare ?? dynamic ?? '',
        isType: type !== undefined,
      }))
      return { path, folder: relative(root, entry.parentPath), text, imports }
    })
}

const src = readSources('src')
const parsers = readSources('parsers')
const all = [...src, ...parsers]
const stages = ['files', 'lines', 'events', 'batches', 'delivery', 'checkpoint', 'store'].map(stage => `src/${stage}`)

/** Where an import leads, from the root of the project: `src/model.ts`; a package's name stays. */
function resolveImport({ folder }: Source, from: string): string {
  return from.startsWith('.') ? join(folder, from).replace(/\.js$/, '.ts') : from
}

/** `path imports target` for each that the rule does not allow. */
function violations(sources: readonly Source[], allows: (target: string, isType: boolean, source: Source) => boolean): string[] {
  return sources.flatMap(source =>
    source.imports
      .map(({ from, isType }) => ({ target: resolveImport(source, from), isType }))
      .filter(({ target, isType }) => !allows(target, isType, source))
      .map(({ target }) => `${source.path} imports ${target}`),
  )
}

const isLocal = (target: string) => target.startsWith('src/') || target.startsWith('parsers/')

t.test('the check sees the code', async t => {
  t.ok(src.length > 40 && parsers.length > 10)
  for (const stage of stages)
    t.ok(
      src.some(({ folder }) => folder === stage),
      stage,
    )
  t.ok(all.flatMap(({ imports }) => imports).length > 100)
})

t.test('a stage knows the model, the errors, diagnostics, the types of options, and itself', async t => {
  const sources = src.filter(({ folder }) => stages.includes(folder))
  const found = violations(
    sources,
    (target, isType, { folder }) =>
      !isLocal(target) ||
      target.startsWith(`${folder}/`) ||
      target.startsWith('parsers/') ||
      target.startsWith('src/diagnostics/') ||
      ['src/model.ts', 'src/errors.ts'].includes(target) ||
      (isType && target === 'src/config/options.ts'),
  )
  t.same(found, [])
})

t.test('troubleshooting knows the tables and the questions to a store, and no store', async t => {
  const sources = src.filter(({ folder }) => folder === 'src/troubleshooting')
  const allowed =
    /^parsers\/_|^src\/troubleshooting\/|^src\/store\/(?:query|entry|walk)\.ts$|^src\/(?:model|errors|diagnostics\/printable)\.ts$/
  t.ok(sources.length > 0)
  t.same(
    violations(sources, target => !isLocal(target) || allowed.test(target)),
    [],
  )
})

t.test('guards know what an alert is, the types of options, and themselves', async t => {
  const sources = src.filter(({ folder }) => folder === 'src/guards')
  t.ok(sources.length > 0)
  t.same(
    violations(
      sources,
      (target, isType) =>
        !isLocal(target) ||
        /^src\/(?:guards\/|diagnostics\/|alerts\/alert\.ts$|(?:model|errors)\.ts$)/.test(target) ||
        (isType && target === 'src/config/options.ts'),
    ),
    [],
  )
  const opened = sources.filter(({ text }) => /writeFile|appendFile|unlink|rename\(|mkdir|O_(?:WRONLY|RDWR|CREAT)/.test(text))
  t.same(
    opened.map(({ path }) => path),
    [],
    'they only read',
  )
})

t.test('config and diagnostics know no stage', async t => {
  const sources = src.filter(({ folder }) => ['src/config', 'src/diagnostics'].includes(folder))
  const allowed = /^src\/(?:config|diagnostics)\/|^src\/(?:model|errors|diagnostics\/printable)\.ts$|^parsers\/_logs\.ts$/
  t.same(
    violations(sources, target => !isLocal(target) || allowed.test(target)),
    [],
  )
})

t.test('parsers stand alone', async t => {
  t.same(
    violations(
      parsers,
      (target, _, { path }) =>
        target.startsWith('parsers/') ||
        (path === 'parsers/_logs.ts' && target === 'node:fs') ||
        (path === 'parsers/_encoded-words.ts' && ['node:module', 'postal-mime'].includes(target)) ||
        target === 'node:net', // isIP, a pure function
    ),
    [],
  )
})

t.test('only some touch the file system', async t => {
  const folders = ['src/files', 'src/checkpoint', 'src/config', 'src/commands', 'src/store', 'src/guards']
  // Set-aside documents and NDJSON are written, secrets and the authority’s certificate read, where they are used; of the client, which
  // files there are.
  const files =
    /^(?:parsers\/_logs|src\/version|src\/outputs|src\/diagnostics\/journal|src\/notify\/notifiers|src\/delivery\/(?:set-aside[\w-]*|torn-line|ndjson|secret|key-file|writer-key|client|elastic|trouble))\.ts$/
  t.same(
    violations(all, (target, _, { path, folder }) => !/^node:fs/.test(target) || folders.includes(folder) || files.test(path)),
    [],
  )
})

t.test('only delivery and the commands about it touch the client', async t => {
  t.same(
    violations(
      src,
      (target, isType, { path, folder }) =>
        !target.startsWith('@elastic/') || folder === 'src/delivery' || (isType && path === 'src/store/cluster-query.ts'),
    ),
    [],
  )
})

t.test('only commands, diagnostics, the command line and NDJSON write to the terminal', async t => {
  const writers = all.filter(({ text }) => /process\.std(?:out|err)|\bconsole\./.test(text)).map(({ path }) => path)
  t.same(
    writers.filter(
      path => !/^src\/(?:commands\/|diagnostics\/|main\.ts|command-line\.ts|outputs\.ts|delivery\/ndjson\.ts)/.test(path),
    ),
    [],
  )
})

t.test('default exports are parsers and commands', async t => {
  const found = all.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path)
  t.same(
    found.filter(path => !/^(?:parsers\/[^_]|src\/commands\/)/.test(path)),
    [],
  )
})

t.test('files are small', async t => {
  const sizes = all.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 })).sort((a, b) => a.lines - b.lines)
  t.same(
    sizes.filter(({ lines }) => lines > 300),
    [],
    'at most 300 lines',
  )
  t.ok(sizes[Math.floor(sizes.length / 2)]!.lines <= 130, 'median at most 130')
  t.ok(sizes.find(({ path }) => path === 'src/pipeline.ts')!.lines <= 155, 'src/pipeline.ts at most 155')
})

t.test('file names say what is inside', async t => {
  const names = [...all, ...readSources('test')].map(({ path }) => path)
  const empty = /^(?:utils?|helpers?|common|manager|service|misc|types)$/
  t.same(
    names.filter(path => path.split('/').some(part => empty.test(part.replace(/\..*$/, '')))),
    [],
  )
  t.same(
    names.filter(path => !/^_?[a-z\d]+(?:-[a-z\d]+)*(?:\.(?:test|long))?\.ts$/.test(basename(path))),
    [],
    'kebab-case',
  )
})

t.test('every file begins with what it is', async t => {
  t.same(
    all.filter(({ text, path }) => !/^(?:#!.*\n)?\/\*\*/.test(text) && !/^parsers\/[^_]/.test(path)).map(({ path }) => path),
    [],
  )
})

t.test('no type check is turned off', async t => {
  t.same(
    [...all, ...readSources('test')]
      .filter(
        ({ text, path }) =>
          /@ts-(?:ignore|nocheck|expect-error)|\bas any\b|: any(?:\[\]|[,;)>]| [=|&{]|$)/m.test(text) &&
          path !== 'test/architecture.test.ts',
      )
      .map(({ path }) => path),
    [],
  )
})

t.test('the table of errors', async t => {
  const rest = src
    .filter(({ path }) => path !== 'src/errors.ts')
    .map(({ text }) => text)
    .join('\n')
  for (const [code, { message, remedy, exit }] of Object.entries(errors)) {
    t.match(code, /^MLS_[A-Z]+_[A-Z_]+$/)
    t.match(message, /^\S.*[^.\s]$/, `${code}: a message, without its full stop`)
    t.match(remedy, /^\S.*\.$/, `${code}: what to do now`)
    t.ok(exit >= 1 && exit <= 4, `${code}: an exit code of the table`)
    t.ok(rest.includes(`'${code}'`), `${code} is used`)
  }
  const thrown = all.filter(({ text }) => /throw new Error\(/.test(text)).map(({ path }) => path)
  t.same(
    // A contradiction in our own tables is a bug, and cannot be met once the tests have passed.
    thrown.filter(path => !path.startsWith('parsers/') && path !== 'src/delivery/template.ts'),
    [],
    'what an operator can meet comes from the table',
  )
})
