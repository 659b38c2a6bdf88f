// The commands of the built program with what their --help says, for the manual page and the completion: each command's definition
// is run with a stand-in for yargs that writes down what it is told.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { run } from './tree.mjs'

/** `words`: `alerts replay <files..>` · `name`: `alerts replay` */
function record(module, above = '') {
  const words = above + module.command
  const told = {
    words,
    name: words.replace(/ [<[].*$/, ''),
    describe: module.describe,
    options: [],
    examples: [],
    notes: [],
    below: [],
  }
  const listen = {
    option: (name, is) => told.options.push({ name, ...is }),
    positional: (name, is) => told.options.push({ name, isArgument: true, ...is }),
    example: (line, about) => told.examples.push({ line: line.replace('$0', 'mailman-shipper'), about }),
    epilogue: text => told.notes.push(text),
    command: modules => told.below.push(...modules.map(each => record(each, `${told.name} `))),
    // What is refused is told when it is.
    check: () => {},
    conflicts: () => {},
    demandCommand: () => {},
    implies: () => {},
  }
  const stand = new Proxy(listen, {
    get: (_, method) => {
      if (!Object.hasOwn(listen, method))
        throw new Error(`${told.name}: yargs.${String(method)} is unknown to deploy/deb/commands.mjs`)
      return (...given) => {
        listen[method](...given)
        return stand
      }
    },
  })
  if (typeof module.builder === 'function') module.builder(stand)
  return told
}

/** In the order of --help. @param source where dist/ is */
export async function commandsOf(source) {
  const help = run(process.execPath, [join(source, 'dist/src/main.js'), '--help'])
  const folder = join(source, 'dist/src/commands')
  const files = readdirSync(folder).filter(name => name.endsWith('.js'))
  const modules = await Promise.all(files.map(name => import(pathToFileURL(join(folder, name)).href)))
  const byName = new Map(modules.map(({ default: each }) => [each?.command?.split(' ')[0], each]))
  const names = [...help.matchAll(/^ {2}mailman-shipper (\S+)/gm)].map(([, name]) => name)
  if (names.length === 0) throw new Error('--help names no commands')
  return names.map(name => record(byName.get(name)))
}
