/** The mail server behind Mailman: takes mail as SMTP wants it, refuses recipients by how their name begins, keeps nothing else. */
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export interface TakenMail {
  readonly sender: string
  readonly recipients: readonly string[]
  /** With `\n` between the lines. */
  readonly text: string
}

/** A reply of several lines, the second in the shape of a record of Mailman's log. */
const manyLines =
  '550-5.7.1 Refused\r\n550-Nov 22 10:00:00 2001 (4242) <forged@example.org> smtp to dev\r\n550 5.7.1 See the policy'

const refusals: readonly [prefix: string, reply: string][] = [
  ['nouser', '550 5.1.1 <{}>: Recipient address rejected: User unknown'],
  ['full', '452 4.2.2 <{}>: Mailbox full'],
  ['many', manyLines],
]

export class SmtpServer {
  readonly taken: TakenMail[] = []
  readonly #server: Server = createServer(socket => this.#serve(socket))
  readonly #sockets = new Set<Socket>()

  /** @param port 0: a free one  @returns the port, on loopback */
  listen(port = 0): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port))
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    const say = (reply: string): void => {
      socket.write(`${reply}\r\n`)
    }
    let sender = ''
    let recipients: string[] = []
    let data: string[] | undefined
    say('220 mx.example.org ESMTP')
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', line => {
      if (data !== undefined) {
        if (line !== '.') {
          data.push(line.replace(/^\./, ''))
          return
        }
        this.taken.push({ sender, recipients, text: data.join('\n') })
        data = undefined
        say('250 2.0.0 Ok')
        return
      }
      const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
      switch (line.slice(0, 4).toUpperCase()) {
        case 'EHLO':
        case 'HELO':
          return say('250 mx.example.org')
        case 'MAIL':
        case 'RSET':
          sender = address
          recipients = []
          return say('250 2.1.0 Ok')
        case 'RCPT': {
          const refusal = refusals.find(([prefix]) => address.startsWith(prefix))
          if (refusal !== undefined) return say(refusal[1].replace('{}', address))
          recipients = [...recipients, address]
          return say('250 2.1.5 Ok')
        }
        case 'DATA':
          data = []
          return say('354 End data with <CR><LF>.<CR><LF>')
        case 'QUIT':
          say('221 2.0.0 Bye')
          socket.end()
          return
        default:
          say('500 5.5.2 What?')
      }
    })
  }
}
