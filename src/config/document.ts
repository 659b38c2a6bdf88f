/** A YAML file's bytes → its value, with the line of every key. Nothing of the file's text gets into an error. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { ShipperError } from '../errors.js'

const maxFileBytes = 1_000_000
/**
 * The YAML library has no limit of its own for nesting: 500,000 brackets end the process with V8's "out of memory", and 1,000
 * nested `? ` (a key that is itself a mapping) take it five minutes.
 */
const maxBrackets = 1000
const maxQuestionMarks = 50
const maxLineCharacters = 2000

export interface ConfigDocument {
  readonly value: unknown
  /** Anyone on the host can change it. */
  readonly worldWritable: boolean
  /** Line of a key or list item, from 1; undefined where the path is not in the file. */
  lineOf(path: readonly PropertyKey[]): number | undefined
}

/** Undefined: there is no such file. @throws ShipperError MLS_CONFIG_UNREADABLE, MLS_CONFIG_INVALID */
export async function readConfigDocument(file: string): Promise<ConfigDocument | undefined> {
  const found = await readSmallFile(file)
  if (found === undefined) return undefined
  const { text, stats } = found
  return { ...parseYaml(file, text), worldWritable: (stats.mode & 0o002) !== 0 }
}

async function readSmallFile(file: string): Promise<{ text: string; stats: Stats } | undefined> {
  let handle: FileHandle | undefined
  try {
    // Non-blocking: a FIFO of this name must not hang the start.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = await handle.stat()
    if (!stats.isFile()) throw unreadable(file, stats.isDirectory() ? 'is a directory' : 'is not a regular file')
    if (stats.size > maxFileBytes) throw unreadable(file, `is larger than ${maxFileBytes / 1e6} MB`)
    const bytes = await handle.readFile()
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), stats }
  } catch (error) {
    if (error instanceof ShipperError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw unreadable(file, 'is not UTF-8 text')
    throw unreadable(file, code === 'EACCES' ? 'this user may not read it' : `reading failed (${code ?? 'unknown'})`)
  } finally {
    await handle?.close()
  }
}

function parseYaml(file: string, text: string): Omit<ConfigDocument, 'worldWritable'> {
  const invalid = (why: string) => new ShipperError('MLS_CONFIG_INVALID', `${file}: not valid YAML: ${why}`)
  if (text.split('\n').some(line => line.length > maxLineCharacters)) throw invalid(`a line is longer than ${maxLineCharacters}`)
  if (text.replace(/[^[{]/gu, '').length > maxBrackets) throw invalid(`more than ${maxBrackets} brackets`)
  if (text.replace(/[^?]/gu, '').length > maxQuestionMarks) throw invalid(`more than ${maxQuestionMarks} question marks`)
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
    const problems = [...document.errors, ...document.warnings].map(
      ({ pos, code, message }) => `\n  line ${lines.linePos(pos[0]).line}: not valid YAML: ${sayYamlProblem(code, message)}`,
    )
    if (problems.length > 0) throw new ShipperError('MLS_CONFIG_INVALID', `${file}${problems.slice(0, 20).join('')}`)
    const value: unknown = document.toJS({ maxAliasCount: 0 })
    return { value, lineOf: path => lineIn(document.contents, path, lines) }
  } catch (error) {
    if (error instanceof ShipperError) throw error
    if (error instanceof ReferenceError)
      throw new ShipperError('MLS_CONFIG_INVALID', `${file}: YAML aliases (*name) are not taken; write the value out`)
    throw invalid('it is nested too deeply')
  }
}

const yamlProblems = new Map([
  ['MISSING_CHAR', 'a closing quote, bracket or comma is missing'],
  ['MULTIPLE_DOCS', 'more than one document in the file'],
  ['NON_STRING_KEY', 'a name is not plain text'],
  ['TAG_RESOLVE_FAILED', 'a tag (!name) is not taken'],
])

/** The library's sentence up to where it quotes what it found: that may be a secret in the wrong place. */
function sayYamlProblem(code: string, message: string): string {
  return yamlProblems.get(code) ?? message.replace(/[:\s]*["'`*&!%@].*$/su, '')
}

function lineIn(root: unknown, path: readonly PropertyKey[], lines: LineCounter): number | undefined {
  let node: unknown = root
  let start: number | undefined
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isPair(item) && isScalar(item.key) && String(item.key.value) === step)
      if (!pair || !isScalar(pair.key)) return undefined
      start = pair.key.range?.[0]
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      start = (node as { range?: [number, number, number] } | undefined)?.range?.[0]
    } else return undefined
  }
  return start === undefined ? undefined : lines.linePos(start).line
}

function unreadable(file: string, why: string): ShipperError {
  return new ShipperError('MLS_CONFIG_UNREADABLE', `${file}: ${why}`)
}
