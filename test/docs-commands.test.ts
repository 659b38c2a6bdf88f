/** The pages for people who run it: each command line in them is one that the program takes, each code has its place, links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import yargs, { type Argv, type CommandModule } from 'yargs'
import { errors } from '../src/errors.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = [
  'docs/operating.md',
  'docs/troubleshooting.md',
  'docs/runbook.md',
  'docs/web.md',
  'README.md',
  'deploy/systemd/README.md',
]
const read = (page: string): string => readFileSync(join(root, page), 'utf8')

/** Command lines in code, without what a shell does with them: quotes, comments, pipes, redirections. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/```\w*\n([\s\S]*?)```/gu)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/gu, ' ').split('\n'),
  )
  const spans = [...text.replaceAll(/```[\s\S]*?```/gu, '').matchAll(/`([^`]+)`/gu)].map(([, span = '']) =>
    span.replaceAll(/\s+/gu, ' '),
  )
  return [...blocks, ...spans].flatMap(line => {
    const command = /(?:^|[(] ?|&& |-- |\\$ |; )mailman-shipper ((?:--?)?[a-z](?:'[^']*'|"[^"]*"|[^'"#|;&>)])*)/u.exec(line)?.[1]
    return command === undefined ? [] : [command.trim()]
  })
}

const words = (line: string): string[] =>
  (line.match(/(?:'[^']*'|"[^"]*"|\S)+/gu) ?? []).map(word => word.replaceAll(/['"]/gu, ''))

/** The built program's command line with nothing behind it. */
async function commandLine(): Promise<(line: string) => Promise<string | undefined>> {
  const folder = join(root, 'src/commands')
  const sources = readdirSync(folder).filter(name => /export default/u.test(readFileSync(join(folder, name), 'utf8')))
  const loaded = await Promise.all(
    sources.map(name => import(pathToFileURL(join(root, 'dist/src/commands', name.replace(/\.ts$/u, '.js'))).href)),
  )
  const inert = (module: CommandModule): CommandModule => ({ ...module, handler: () => {} })
  const table = readFileSync(join(root, 'src/command-line.ts'), 'utf8')
  const top = sources.flatMap((name, i) =>
    table.includes(`./commands/${name.replace(/\.ts$/u, '.js')}`) ? [loaded[i].default] : [],
  )
  return async line => {
    const parser: Argv = yargs([]).exitProcess(false).version(false)
    const command = parser.command.bind(parser) as (given: CommandModule) => Argv
    const wrapped = (given: CommandModule | CommandModule[]): Argv => {
      for (const each of [given].flat()) command(inert(each))
      return parser
    }
    parser.command = wrapped as Argv['command']
    wrapped(top)
    let refused: string | undefined
    await parser
      .option('config', { type: 'string', requiresArg: true, global: true })
      .demandCommand(1)
      .strict()
      .fail((message, error) => {
        refused ??= message ?? String(error)
      })
      .parseAsync(words(line))
    return refused
  }
}

t.test('each command line is one that the program takes', async t => {
  const refusal = await commandLine()
  t.match(await refusal('status --jsn'), /Unknown argument/u, 'a wrong option is seen')
  t.match(await refusal('alerts sillence'), /Say what/u, 'a wrong command is seen')
  for (const page of pages) {
    const lines = [...new Set(commandLines(read(page)))]
    t.ok(lines.length > 0, `${page} has some`)
    for (const line of lines) t.equal(await refusal(line), undefined, `${page}: mailman-shipper ${line}`)
  }
})

t.test('each code has an entry', async t => {
  const text = read('docs/troubleshooting.md')
  for (const code of Object.keys(errors)) t.ok(new RegExp(`\\b${code}\\b`, 'u').test(text), code)
})

t.test('links lead somewhere', async t => {
  const anchorsOf = (page: string): Set<string> =>
    new Set(
      [...read(page).matchAll(/^#+ (.+)$/gmu)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
          .replaceAll(' ', '-'),
      ),
    )
  for (const page of ['docs/operating.md', 'docs/troubleshooting.md']) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/gu)) {
      if (/^https?:/u.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const to = file === '' ? page : join('docs', file)
      t.ok(existsSync(join(root, to)), `${page}: ${target}`)
      if (anchor !== undefined && to.endsWith('.md')) t.ok(anchorsOf(to).has(anchor), `${page}: ${target}`)
    }
  }
})
