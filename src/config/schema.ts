/** The shape of the configuration file: each option's type and limits, with the sentence that is said where they are not kept. */
import { isIP } from 'node:net'
import { isZone } from '../diagnostics/timezone.js'
import { alerts } from './alerts-schema.js'
import { list, named, oneOf, section, type TypeOf, text, where, whole, yesOrNo } from './shape.js'
import { domain, isNodeUrl, isPublicUrl, mailAddress, mailServer, path, userName } from './values.js'

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

const protection = oneOf('must be keep, hash or drop', ['keep', 'hash', 'drop'])

export const MAX_DAYS = 36_500
const days = whole('days', 1, MAX_DAYS)
const hostName = text('must be a host name: letters, digits, dots, hyphens and underscores', value =>
  /^[\w.-]{1,253}$/u.test(value),
)
const domains = 'must be domains in lower case, each with its hosts of Mailman 2.1, such as { lists.example.org: [lists1] }'

export const askMyList = {
  listen,
  publicUrl: text('must be a URL such as https://lists.example.org/ask/: https, but for 127.0.0.1', isPublicUrl),
  domains: where(
    named(name => domain.test(name), list(hostName, domains, 0), domains),
    domains,
    value => Object.keys(value).length > 0,
  ),
  keyFile: path,
  trustProxy: yesOrNo,
}
export const askMyListMail = {
  server: mailServer,
  from: mailAddress,
  caFile: path,
  username: userName,
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
    mailman: oneOf('must be auto, 2.1 or 3', ['auto', '2.1', '3', 2.1, 3]),
    formerTimezones: list(
      text('must be a time zone and when it ended, such as "UTC until 2024-05-01T09:00:00Z"', value => {
        const [zone = '', until, end = '', ...rest] = value.split(' ')
        return (
          isZone(zone) &&
          until === 'until' &&
          /Z$|[+-]\d\d:\d\d$/.test(end) &&
          !Number.isNaN(Date.parse(end)) &&
          rest.length === 0
        )
      }),
      'must be a list such as ["UTC until 2024-05-01T09:00:00Z"]',
    ),
    timezone: text('must be a time zone’s IANA name, such as Europe/London', isZone),
    keepOriginal: yesOrNo,
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
    compression: oneOf('must be gzip or none', ['gzip', 'none']),
    namespace,
    agentMetrics: yesOrNo,
  },
  local: {
    file: path,
    keepDays: days,
    keepDaysOf: named(() => true, days, 'must be logs with their days, such as { subscribe: 365 }'),
  },
  ndjson: { file: path },
  state: { directory: path },
  privacy: { addresses: protection, names: protection, subjects: protection, ips: protection, keyFile: path },
  web: {
    listen,
    askMyList: section({ ...askMyList, mail: section(askMyListMail, ['from']) }, ['publicUrl', 'domains', 'mail']),
  },
  metrics: { listen },
}

export const schema = section(
  {
    host: section(sections.host),
    instance: text('must be lower-case letters, digits, dots, hyphens and underscores', value =>
      /^[a-z\d._-]{1,100}$/u.test(value),
    ),
    logs: section(sections.logs),
    elasticsearch: section(sections.elasticsearch),
    local: section(sections.local),
    ndjson: section(sections.ndjson),
    state: section(sections.state),
    privacy: section(sections.privacy),
    web: section(sections.web),
    metrics: section(sections.metrics),
    alerts,
  },
  [],
  'must be lines "name: value"',
)

export type Options = TypeOf<typeof schema>
