// Node's hooks for typescript.mjs. What a source became is kept under the hash of that source, so each is compiled once.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules/.cache/typescript')
const configuration = readFileSync(join(root, 'tsconfig.json'), 'utf8')
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/typescript/package.json'), 'utf8'))

/** Our TypeScript names what it imports by what it becomes: `./name.js` is `name.ts`. */
export function resolve(specifier, context, next) {
  if (/^(?:\.{1,2}\/|file:)/.test(specifier)) {
    const source = new URL(specifier, context.parentURL)
    source.pathname = source.pathname.replace(/\.js$/, '.ts')
    if (source.pathname.endsWith('.ts') && existsSync(source)) return next(source.href, context)
  }
  return next(specifier, context)
}

export async function load(url, context, next) {
  const { pathname, protocol } = new URL(url)
  if (protocol !== 'file:' || !pathname.endsWith('.ts')) return next(url, context)
  return { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true }
}

async function compiled(file) {
  const text = readFileSync(file, 'utf8')
  const hash = createHash('sha256')
  for (const part of [version, configuration, file, text]) hash.update(part).update('\0')
  const kept = join(cache, `${hash.digest('hex')}.js`)
  if (existsSync(kept)) return readFileSync(kept, 'utf8')
  const { default: typescript } = await import('typescript')
  const { compilerOptions } = typescript.parseConfigFileTextToJson('tsconfig.json', configuration).config
  // By itself it cannot see that our package is of modules.
  const options = { ...compilerOptions, module: 'esnext', moduleResolution: 'bundler', declaration: false, inlineSourceMap: true }
  const { outputText } = typescript.transpileModule(text, { fileName: file, compilerOptions: options })
  mkdirSync(cache, { recursive: true })
  // Others may compile the same file at the same time.
  writeFileSync(`${kept}.${process.pid}`, outputText)
  renameSync(`${kept}.${process.pid}`, kept)
  return outputText
}
