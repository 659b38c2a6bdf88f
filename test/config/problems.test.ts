import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.js'
import { nearestName } from '../../src/config/problems.js'

/** The sentences after `The configuration is not valid: FILE`. */
async function refusalOf(t: Test, content: string | Buffer): Promise<string> {
  const file = join(t.testdir(), 'config.yaml')
  writeFileSync(file, content)
  try {
    await loadConfig(file)
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return `${code}${message.slice(message.indexOf(file) + file.length)}`
  }
  return 'taken'
}

const sections = 'host, instance, logs, elasticsearch, local, ndjson, state, privacy, web, metrics, alerts'
const refused: readonly (readonly [content: string, sentence: string])[] = [
  ['logs:\n  directory: [x]\n', 'line 2: logs.directory: unknown; did you mean logs.directories?'],
  ['elasticsearch: { apikey: x }', 'line 1: elasticsearch.apikey: unknown; did you mean elasticsearch.apiKeyFile?'],
  ['elastic: {}', 'line 1: elastic: unknown; did you mean elasticsearch?'],
  ['timezone: UTC', 'line 1: timezone: unknown; did you mean logs.timezone?'],
  ['zzz: 1', `line 1: zzz: unknown; valid here: ${sections}`],
  ['__proto__: { a: 1 }', `line 1: __proto__: unknown; valid here: ${sections}`],
  ['"\\e]0;x\\a": 1', `line 1: \\x1b]0;x\\x07: unknown; valid here: ${sections}`],
  ['host: { name: "a b" }', 'line 1: host.name: must be a host name: letters, digits, dots, hyphens and underscores'],
  ['host: { name: 7 }', 'line 1: host.name: must be a host name: letters, digits, dots, hyphens and underscores'],
  ['host: x', 'line 1: host: must be a section: lines "name: value" below it'],
  ['instance: Main', 'line 1: instance: must be lower-case letters, digits, dots, hyphens and underscores'],
  ['logs: { directories: [] }', 'line 1: logs.directories: must be a list of at least one directory, such as [/var/log/mailman]'],
  [
    'logs: { directories: /var/log }',
    'line 1: logs.directories: must be a list of at least one directory, such as [/var/log/mailman]',
  ],
  [
    'logs:\n  directories:\n    - /a\n    - ~/b\n',
    'line 4: logs.directories[1]: must be a path, in quotes where it holds odd characters; `~` is not expanded',
  ],
  ['logs: { names: [a/b] }', 'line 1: logs.names[0]: must be a file name without a directory'],
  ['logs: { mailman: 2 }', 'line 1: logs.mailman: must be auto, 2.1 or 3'],
  ['logs: { timezone: Mars/Base }', 'line 1: logs.timezone: must be a time zone’s IANA name, such as Europe/London'],
  ['logs: { keepOriginal: yes }', 'line 1: logs.keepOriginal: must be true or false'],
  ['elasticsearch:\n', 'line 1: elasticsearch: is empty; give it a value or remove the line'],
  ['elasticsearch: { nodes: [] }', 'line 1: elasticsearch.nodes: must be a list of at least one URL'],
  [
    'elasticsearch: { nodes: ["https://u:secret@es"] }',
    'line 1: elasticsearch.nodes[0]: must be a URL such as https://es.example.org:9200, without a name or password',
  ],
  ['elasticsearch: { compression: zstd }', 'line 1: elasticsearch.compression: must be gzip or none'],
  [
    'elasticsearch: { namespace: a-b }',
    'line 1: elasticsearch.namespace: must be lower case, at most 100 bytes, without blanks and without - \\ / * ? " < > | , # :',
  ],
  [
    `elasticsearch: { namespace: ${'é'.repeat(51)} }`,
    'line 1: elasticsearch.namespace: must be lower case, at most 100 bytes, without blanks and without - \\ / * ? " < > | , # :',
  ],
  ['elasticsearch: { username: u }', 'line 1: elasticsearch.username: needs elasticsearch.passwordFile'],
  ['elasticsearch: { passwordFile: p }', 'line 1: elasticsearch.passwordFile: needs elasticsearch.username'],
  [
    'elasticsearch: { username: u, passwordFile: p, apiKeyFile: k }',
    'line 1: elasticsearch.username: cannot be beside elasticsearch.apiKeyFile; use one of them',
  ],
  ['elasticsearch: {}\nndjson: {}', 'line 2: ndjson: cannot be beside elasticsearch; events go to one output'],
  ['local: { keepDays: 0 }', 'line 1: local.keepDays: must be a whole number of days, 1 to 36500'],
  ['local: { keepDaysOf: { subscrib: 1 } }', 'line 1: local.keepDaysOf.subscrib: unknown; did you mean subscribe?'],
  [
    'local: { keepDaysOf: { zzz: 1 } }',
    'line 1: local.keepDaysOf.zzz: unknown; valid here: alerts, bounce, config, debug, digest, error, fromusenet, locks, mailman, mischief, plugins, post, qrunner, security, smtp, smtp-failure, subscribe, vette',
  ],
  [
    'logs: { names: [archive] }\nlocal: { keepDaysOf: { archives: 1 } }',
    'line 2: local.keepDaysOf.archives: unknown; did you mean archive?',
  ],
  ['local: { keepDaysOf: { smtp: 0 } }', 'line 1: local.keepDaysOf.smtp: must be a whole number of days, 1 to 36500'],
  ['local: { keepDaysOf: 5 }', 'line 1: local.keepDaysOf: must be logs with their days, such as { subscribe: 365 }'],
  [
    'local: { keepDaysOf: { smtp-failure: 1, mailman.smtp_failure: 2 } }',
    'line 1: local.keepDaysOf.mailman.smtp_failure: is there twice, under another name',
  ],
  [
    'local: { keepDaysOf: { __proto__: 1 } }',
    'line 1: local.keepDaysOf.__proto__: unknown; valid here: alerts, bounce, config, debug, digest, error, fromusenet, locks, mailman, mischief, plugins, post, qrunner, security, smtp, smtp-failure, subscribe, vette',
  ],
  ['local: { keepDays: 1.5 }', 'line 1: local.keepDays: must be a whole number of days, 1 to 36500'],
  ['privacy: { subjects: hide }', 'line 1: privacy.subjects: must be keep, hash or drop'],
  ['web: { listen: 8025 }', 'line 1: web.listen: must be an address and a port, such as "127.0.0.1:8025"'],
  ...['127.0.0.1', '127.0.0.1:65536', ':9825', '::1:9825', '[::g]:9825', 'a b:1', 'http://127.0.0.1:9825'].map(
    listen =>
      [
        `metrics: { listen: "${listen}" }`,
        'line 1: metrics.listen: must be an address and a port, such as "127.0.0.1:8025"',
      ] as const,
  ),
  ['- list', 'the file: must be lines "name: value"'],
  ['a: 1\na: 2\n', 'line 2: not valid YAML: Map keys must be unique'],
  ['x: "secret\n', 'line 2: not valid YAML: a closing quote, bracket or comma is missing'],
  ['x: @secret', 'line 1: not valid YAML: Plain value cannot start with reserved character'],
  ['x: !secret 1', 'line 1: not valid YAML: a tag (!name) is not taken'],
  ['a: 1\n---\nb: 2\n', 'line 2: not valid YAML: more than one document in the file'],
  ['? [a]\n: 1\n', 'line 1: not valid YAML: a name is not plain text'],
]

t.test('each mistake has its sentence', async t => {
  for (const [content, sentence] of refused) t.equal(await refusalOf(t, content), `MLS_CONFIG_INVALID\n  ${sentence}`, content)
})

t.test('all mistakes are told at once, in the order of the file', async t => {
  const content = 'instanse: x\nlocal:\n  keepDays: many\nndjson: {}\nelasticsearch:\n  namespace: A\n  pasword: x\n'
  t.equal(
    await refusalOf(t, content),
    `MLS_CONFIG_INVALID
  line 1: instanse: unknown; did you mean instance?
  line 3: local.keepDays: must be a whole number of days, 1 to 36500
  line 4: ndjson: cannot be beside elasticsearch; events go to one output
  line 6: elasticsearch.namespace: must be lower case, at most 100 bytes, without blanks and without - \\ / * ? " < > | , # :
  line 7: elasticsearch.pasword: unknown; did you mean elasticsearch.passwordFile?`,
  )
})

t.test('files that would exhaust the parser are refused before it', async t => {
  const laughs = 'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n'
  t.equal(await refusalOf(t, laughs), 'MLS_CONFIG_INVALID: YAML aliases (*name) are not taken; write the value out')
  t.equal(await refusalOf(t, '[\n'.repeat(400_000)), 'MLS_CONFIG_INVALID: not valid YAML: more than 1000 brackets')
  t.equal(await refusalOf(t, '- '.repeat(400_000)), 'MLS_CONFIG_INVALID: not valid YAML: a line is longer than 2000')
  t.equal(await refusalOf(t, '? '.repeat(900)), 'MLS_CONFIG_INVALID: not valid YAML: more than 50 question marks')
})

t.test('what is no configuration file is refused by name', async t => {
  t.equal(await refusalOf(t, Buffer.from([0x61, 0x3a, 0x20, 0xe9])), 'MLS_CONFIG_UNREADABLE: is not UTF-8 text')
  t.equal(await refusalOf(t, '#'.repeat(1_000_001)), 'MLS_CONFIG_UNREADABLE: is larger than 1 MB')
  const directory = t.testdir()
  execFileSync('mkfifo', [join(directory, 'fifo')])
  const reject = (path: string, why: string) =>
    t.rejects(loadConfig(path), {
      code: 'MLS_CONFIG_UNREADABLE',
      exit: 2,
      message: `The configuration file cannot be read: ${path}: ${why}`,
    })
  await reject(directory, 'is a directory')
  await reject(join(directory, 'fifo'), 'is not a regular file')
  await reject(join(directory, 'missing.yaml'), 'no such file')
})

t.test('a file this user may not read', { skip: process.getuid?.() === 0 && 'root may read everything' }, async t => {
  const file = join(t.testdir(), 'c.yaml')
  writeFileSync(file, '', { mode: 0 })
  await t.rejects(loadConfig(file), { message: `The configuration file cannot be read: ${file}: this user may not read it` })
})

t.test('empty files and comments are a configuration', async t => {
  for (const content of ['', '# nothing yet\n', '---\n', '\ufeffinstance: a\n']) t.equal(await refusalOf(t, content), 'taken')
})

t.test('the nearest name', async t => {
  t.equal(nearestName('kepDays', ['file', 'keepDays']), 'keepDays')
  t.equal(nearestName('KEEPDAYS', ['file', 'keepDays']), 'keepDays')
  t.equal(nearestName('colour', ['file', 'keepDays']), undefined)
  t.equal(nearestName('x'.repeat(1_000_000), ['file']), undefined)
})
