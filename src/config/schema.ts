/** The shape of the configuration file: each option's type and limits, with the sentence that is said where they are not kept. */
import { isIP } from 'node:net'
import { IANAZone } from 'luxon'
import { z } from 'zod'
import { isLoopback } from './loopback.js'

const path = text('must be a path, in quotes where it holds odd characters; `~` is not expanded', value =>
  /^[^~\0][^\0]*$/u.test(value),
)

/** A data stream's name is `logs-mailman.<dataset>-<namespace>`: what Elasticsearch takes as its last part. */
const namespace = text(
  'must be lower case, at most 100 bytes, without blanks and without - \\ / * ? " < > | , # :',
  value => /^[^-\\/*?"<>|,#:\s\x00-\x1f\x7f]+$/u.test(value) && value === value.toLowerCase() && Buffer.byteLength(value) <= 100,
)

const fileName = text(
  'must be a file name without a directory',
  value => /^[^/\0]{1,255}$/u.test(value) && !/^\.\.?$/u.test(value),
)

const listen = text('must be an address and a port, such as "127.0.0.1:8025"', value => {
  const [, host = '', port] = /^(\[[\da-f:.]+\]|[\w.-]{1,253}):(\d{1,5})$/iu.exec(value) ?? []
  return host !== '' && (host[0] !== '[' || isIP(host.slice(1, -1)) === 6) && Number(port) <= 65_535
})

const section = { error: 'must be a section: lines "name: value" below it' }

const protection = z.enum(['keep', 'hash', 'drop'], { error: 'must be keep, hash or drop' })

export const MAX_DAYS = 36_500
const daysAre = { error: `must be a whole number of days, 1 to ${MAX_DAYS}` }
const days = z.int(daysAre).min(1, daysAre).max(MAX_DAYS, daysAre)
const domain = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/u
const hostName = text('must be a host name: letters, digits, dots, hyphens and underscores', value =>
  /^[\w.-]{1,253}$/u.test(value),
)
const domains = 'must be domains in lower case, each with its hosts of Mailman 2.1, such as { lists.example.org: [lists1] }'

export const askMyList = {
  listen,
  publicUrl: text('must be a URL such as https://lists.example.org/ask/: https, but for 127.0.0.1', isPublicUrl),
  domains: z
    .record(
      z.string().refine(value => domain.test(value), { error: domains }),
      z.array(hostName, { error: domains }),
      { error: domains },
    )
    .refine(value => Object.keys(value).length > 0, { error: domains }),
  keyFile: path,
  trustProxy: z.boolean({ error: 'must be true or false' }),
}
export const askMyListMail = {
  server: text('must be a URL such as smtp://127.0.0.1:25 or smtps://mail.example.org, without a name or password', isMailServer),
  from: text('must be an address such as mailman-shipper@lists.example.org', value => {
    const [, host = ''] = /^[a-z\d._+=-]{1,64}@(.+)$/iu.exec(value) ?? []
    return domain.test(host.toLowerCase())
  }),
  caFile: path,
  username: text('must be a user’s name', value => /^\P{Cc}{1,1024}$/u.test(value)),
  passwordFile: path,
}

export const sections = {
  host: {
    name: hostName,
  },
  logs: {
    directories: list(path, 'must be a list of at least one directory, such as [/var/log/mailman]'),
    names: list(fileName, 'must be a list of file names'),
    // Without quotes, YAML takes 2.1 and 3 for numbers.
    mailman: z.preprocess(
      value => (typeof value === 'number' ? String(value) : value),
      z.enum(['auto', '2.1', '3'], { error: 'must be auto, 2.1 or 3' }),
    ),
    formerTimezones: list(
      text('must be a time zone and when it ended, such as "UTC until 2024-05-01T09:00:00Z"', value => {
        const [zone = '', until, end = '', ...rest] = value.split(' ')
        return (
          IANAZone.isValidZone(zone) &&
          until === 'until' &&
          /Z$|[+-]\d\d:\d\d$/.test(end) &&
          !Number.isNaN(Date.parse(end)) &&
          rest.length === 0
        )
      }),
      'must be a list such as ["UTC until 2024-05-01T09:00:00Z"]',
    ),
    timezone: text('must be a time zone’s IANA name, such as Europe/London', value => IANAZone.isValidZone(value)),
    keepOriginal: z.boolean({ error: 'must be true or false' }),
  },
  elasticsearch: {
    nodes: list(
      text('must be a URL such as https://es.example.org:9200, without a name or password', isNodeUrl),
      'must be a list of at least one URL',
    ),
    apiKeyFile: path,
    username: text('must be a user’s name', value => /^[^:\p{Cc}]{1,1024}$/u.test(value)),
    passwordFile: path,
    caFile: path,
    compression: z.enum(['gzip', 'none'], { error: 'must be gzip or none' }),
    namespace,
    agentMetrics: z.boolean({ error: 'must be true or false' }),
  },
  local: {
    file: path,
    keepDays: days,
    keepDaysOf: z.record(z.string(), days, { error: 'must be logs with their days, such as { subscribe: 365 }' }),
  },
  ndjson: { file: path },
  state: { directory: path },
  privacy: { addresses: protection, names: protection, subjects: protection, ips: protection, keyFile: path },
  web: {
    listen,
    askMyList: z
      .strictObject(
        {
          ...askMyList,
          mail: z
            .strictObject(askMyListMail, section)
            .partial({ server: true, caFile: true, username: true, passwordFile: true }),
        },
        section,
      )
      .partial({ listen: true, keyFile: true, trustProxy: true }),
  },
  metrics: { listen },
}

export const schema = z
  .strictObject(
    {
      host: z.strictObject(sections.host, section).partial(),
      instance: text('must be lower-case letters, digits, dots, hyphens and underscores', value =>
        /^[a-z\d._-]{1,100}$/u.test(value),
      ),
      logs: z.strictObject(sections.logs, section).partial(),
      elasticsearch: z.strictObject(sections.elasticsearch, section).partial(),
      local: z.strictObject(sections.local, section).partial(),
      ndjson: z.strictObject(sections.ndjson, section).partial(),
      state: z.strictObject(sections.state, section).partial(),
      privacy: z.strictObject(sections.privacy, section).partial(),
      web: z.strictObject(sections.web, section).partial(),
      metrics: z.strictObject(sections.metrics, section).partial(),
      // Its shape is not settled: known, so that a file may hold it already, and warned about.
      alerts: z.record(z.string(), z.unknown(), section),
    },
    { error: 'must be lines "name: value"' },
  )
  .partial()

export type Options = z.infer<typeof schema>

function text(must: string, fits: (value: string) => boolean) {
  return z.string({ error: must }).refine(fits, { error: must })
}

function list<T extends z.ZodType>(item: T, must: string) {
  return z.array(item, { error: must }).min(1, { error: must })
}

function isNodeUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, search, hash } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === ''
}

function isPublicUrl(value: string): boolean {
  if (!isNodeUrl(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || isLoopback(hostname)
}

function isMailServer(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(value)
  return (
    /^smtps?:$/.test(protocol) && hostname !== '' && `${username}${password}${pathname.replace('/', '')}${search}${hash}` === ''
  )
}
