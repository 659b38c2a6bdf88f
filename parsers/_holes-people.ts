/** Holes of members, web clients and what they asked for. */

import { decodeHeader } from './_encoded-words.js'
import type { Hole } from './_hole.js'
import { hole, integer, one, present, putClient, text, word } from './_hole.js'
import { addressInHeader, normaliseAddress, readMember, unfold } from './_normalise.js'
import { ADDRESS, CLIENT, spansOfClaim, spansOfMember, spansOfOrigin, spansOfTokenOwner, spansOfWhence } from './_personal.js'

export const peopleHoles = {
  member: one('text', 'user.email', normaliseAddress, 'address'),
  /** The same where it ends at a blank: addresses that Mailman checked (Utils.py, ValidateEmail) have none, but an @. */
  memberWord: { ...one('word', 'user.email', normaliseAddress, 'address'), fits: raw => raw.includes('@') },
  newAddress: one('text', 'user.changes.email', normaliseAddress, 'address'),
  /** A name as `formataddr` leaves it: no special character is in it. */
  fullName: one('text', 'user.full_name', raw => present(decodeHeader(unfold(raw)).trim()), 'name'),
  /** What stands between the quotes that `formataddr` puts around any other name. */
  quotedName: {
    ...one('text', 'user.full_name', raw => present(decodeHeader(unfold(raw.replace(/\\(.)/gs, '$1'))).trim()), 'name'),
    fits: raw => /^(?:[^"\\]|\\.)*$/s.test(raw),
  },
  /** The beginning of a name that holds a newline. */
  unfinishedName: hole('text', [], () => {}, 'name'),
  /** Who somebody says to be in a form: an address, or any text. */
  claimedUser: hole(
    'text',
    ['user.email', 'user.name'],
    (raw, values, at) => {
      const user = unfold(raw).trim()
      const isAddress = ADDRESS.test(user)
      values[at] = isAddress ? normaliseAddress(user) : undefined
      values[at + 1] = isAddress ? undefined : present(user)
    },
    spansOfClaim,
  ),
  /** The same where a newline cut it off: only what reads like an address. */
  unfinishedUser: one('text', 'user.email', raw => (ADDRESS.test(raw) ? normaliseAddress(raw) : undefined), spansOfClaim),
  /** A role such as `moderator`, `user+ADDR` with the address as it stands in URLs, or an address alone. */
  tokenOwner: one('text', 'mailman.csrf.issued_for', raw => present(unfold(raw).trim()), spansOfTokenOwner),
  /** Another list than the event's own. */
  invitingList: one('word', 'mailman.invitation.list', raw => raw.toLowerCase()),
  /** What a web client asked for in place of a list's name: no list is called so, and none is counted under it. */
  requestedList: text('mailman.list.requested'),
  /** `NAME <ADDR>` as `formataddr` writes it, or the address alone. */
  namedMember: hole(
    'text',
    ['user.email', 'user.full_name'],
    (raw, values, at) => {
      const { address, name } = readMember(unfold(raw))
      values[at] = address
      values[at + 1] = name && present(decodeHeader(name).trim())
    },
    spansOfMember,
  ),
  client: hole('text', ['source.address', 'source.ip'], putClient, 'ip'),
  /** Where a request to join came from: the web client, or the From address of a mail. */
  origin: hole(
    'text',
    ['source.address', 'source.ip', 'email.from.address'],
    (raw, values, at) => {
      const sender = ADDRESS.test(raw) ? normaliseAddress(raw) : undefined
      if (sender === undefined) putClient(raw, values, at)
      values[at + 2] = sender === undefined ? undefined : [sender]
    },
    spansOfOrigin,
  ),
  /** By which way a membership changed; a translated phrase, a tool's own word, or what the client is called. */
  via: text('mailman.subscribe.via'),
  /** The same in a list's new members, where it may also be the web client, or the From address of a mail (open lists). */
  whence: hole(
    'text',
    ['mailman.subscribe.via', 'source.address', 'source.ip', 'email.from.address'],
    (raw, values, at) => {
      const whence = unfold(raw).trim()
      const isSender = ADDRESS.test(whence) || (whence.endsWith('>') && whence.includes('@'))
      const sender = isSender ? addressInHeader(whence) : undefined
      if (sender !== undefined) values[at + 3] = [sender]
      else if (CLIENT.test(whence)) putClient(whence, values, at + 1)
      else values[at] = present(whence)
    },
    spansOfWhence,
  ),
  domain: one('word', 'url.domain', raw => raw.toLowerCase()),
  url: word('url.full'),
  /** A path on the web or API server, without its query string: that may hold a password. */
  urlPath: one('word', 'url.path', raw => present(raw.split('?', 1)[0]!)),
  /** What a web client asked for instead, with any character in it. */
  hostilePath: text('url.path'),
  method: word('http.request.method'),
  status: one('int', 'http.response.status_code', integer),
  responseBytes: one('int', 'http.response.body.bytes', integer),
  userAgent: one('text', 'user_agent.original', raw => (raw === '-' ? undefined : present(raw))),
  peer: hole('text', ['source.address', 'source.ip'], putClient, 'ip'),
} as const satisfies Record<string, Hole>
