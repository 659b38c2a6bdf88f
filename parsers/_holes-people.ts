/** Holes of members, web clients and what they asked for. */

import type { Hole } from './_hole.js'
import { hole, integer, one, present, putClient, text, word } from './_hole.js'
import { normaliseAddress, readMember, unfold } from './_normalise.js'

export const peopleHoles = {
  member: one('text', 'user.email', normaliseAddress, 'address'),
  newAddress: one('text', 'user.changes.email', normaliseAddress, 'address'),
  /** `NAME <ADDR>` as `formataddr` writes it, or the address alone. */
  namedMember: hole(
    'text',
    ['user.email', 'user.full_name'],
    (raw, values, at) => {
      const { address, name } = readMember(unfold(raw))
      values[at] = address
      values[at + 1] = name
    },
    'name',
  ),
  client: hole('text', ['source.address', 'source.ip'], putClient, 'ip'),
  /** Where a request to join came from: the web client, or the From address of a mail. */
  origin: hole(
    'text',
    ['source.address', 'source.ip', 'email.from.address'],
    (raw, values, at) => {
      const sender = raw.includes('@') ? normaliseAddress(raw) : undefined
      if (sender === undefined) putClient(raw, values, at)
      values[at + 2] = sender === undefined ? undefined : [sender]
    },
    'ip',
  ),
  /** By which way a membership changed; a translated phrase, a tool's own word, or what the client is called. */
  via: text('mailman.subscribe.via'),
  domain: one('word', 'url.domain', raw => raw.toLowerCase()),
  url: word('url.full'),
  /** A path on the web or API server, without its query string: that may hold a password. */
  urlPath: one('word', 'url.path', raw => present(raw.split('?', 1)[0]!)),
  method: word('http.request.method'),
  status: one('int', 'http.response.status_code', integer),
  bodyBytes: one('int', 'http.response.body.bytes', integer),
  userAgent: text('user_agent.original'),
  peer: hole('text', ['source.address', 'source.ip'], putClient, 'ip'),
} as const satisfies Record<string, Hole>
