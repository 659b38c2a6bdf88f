/** A real SMTP server that keeps what it is sent. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Test } from 'tap'
import { until } from './until.js'

export interface Received {
  readonly to: readonly string[]
  readonly isEncrypted: boolean
  readonly user: string | undefined
  readonly raw: string
  readonly mail: Email
}

export interface MailServer {
  readonly port: number
  readonly received: readonly Received[]
  /** Waits for as many. @returns the last one */
  take(count: number): Promise<Received>
}

export interface MailServerOptions {
  /** Directory and name of a certificate of tls-front.ts: STARTTLS is offered. */
  readonly tls?: { readonly directory: string; readonly name: string }
  /** Whoever may send; undefined: everybody, without a name. */
  readonly login?: { readonly user: string; readonly password: string }
  /** All recipients are refused, with a text that repeats them; or those named, with their codes. */
  readonly refuses?: boolean | ReadonlyMap<string, number>
}

/** Ends with the test. */
export async function startMailServer(t: Test, { tls, login, refuses = false }: MailServerOptions = {}): Promise<MailServer> {
  const received: Received[] = []
  const options: SMTPServerOptions = {
    authOptional: login === undefined,
    disabledCommands: [...(tls === undefined ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    ...(tls === undefined
      ? {}
      : {
          cert: readFileSync(join(tls.directory, `${tls.name}.crt`)),
          key: readFileSync(join(tls.directory, `${tls.name}.key`)),
        }),
    onAuth({ username, password }, _session, answer) {
      if (username === login?.user && password === login?.password) answer(null, { user: username })
      else answer(new Error('no'))
    },
    onRcptTo({ address }, _session, answer) {
      const responseCode = typeof refuses === 'boolean' ? (refuses ? 550 : undefined) : refuses.get(address)
      answer(responseCode === undefined ? null : Object.assign(new Error(`${address} is unknown here`), { responseCode }))
    },
    onData(stream, { envelope, secure, user }, answer) {
      buffer(stream).then(async bytes => {
        received.push({
          to: envelope.rcptTo.map(({ address }) => address),
          isEncrypted: secure,
          user: typeof user === 'string' ? user : undefined,
          raw: bytes.toString(),
          mail: await PostalMime.parse(bytes),
        })
        answer(null)
      }, answer)
    },
  }
  const server = new SMTPServer(options)
  server.on('error', () => {}) // of a client that goes away
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  t.teardown(() => new Promise<void>(resolve => server.close(() => resolve())))
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    async take(count) {
      await until(
        () => received.length >= count,
        () => `${received.length} of ${count} mails`,
      )
      return received.at(-1)!
    },
  }
}
