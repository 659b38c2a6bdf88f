/** Kinds of values that several sections know, each with the sentence that is said where it is another. */
import { isLoopback } from './loopback.js'
import { text } from './shape.js'

export function isNodeUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, search, hash } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === ''
}

export function isPublicUrl(value: string): boolean {
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

export const path = text('must be a path, in quotes where it holds odd characters; `~` is not expanded', value =>
  /^[^~\0][^\0]*$/u.test(value),
)

export const domain = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/u

export const mailServer = text(
  'must be a URL such as smtp://127.0.0.1:25 or smtps://mail.example.org, without a name or password',
  isMailServer,
)

export const mailAddress = text('must be an address such as mailman-shipper@lists.example.org', value => {
  const [, host = ''] = /^[a-z\d._+=-]{1,64}@(.+)$/iu.exec(value) ?? []
  return domain.test(host.toLowerCase())
})

export const userName = text('must be a user’s name', value => /^\P{Cc}{1,1024}$/u.test(value))
