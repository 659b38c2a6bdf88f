/** Hands mail to Mailman as a mail server does, by LMTP (RFC 2033). */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export interface Mail {
  /** Of the envelope; `<>` for bounces: ''. */
  readonly sender: string
  readonly recipient: string
  /** Headers, an empty line, the body; with `\n` between the lines. */
  readonly text: string
}

/** Hands several mails over in one session, as a busy mail server does. @throws with the reply, where one is refused */
export async function deliver(port: number, mails: readonly Mail[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const replies = readReplies(socket)
  const ask = async (command: string, expected: string): Promise<void> => {
    if (command !== '') socket.write(Buffer.from(`${command}\r\n`, 'latin1'))
    const reply = (await replies.next()).value ?? 'no answer'
    if (!reply.startsWith(expected)) throw new Error(`Mailman answered ${reply} to ${command.slice(0, 200)}`)
  }
  try {
    await once(socket, 'connect')
    await ask('', '220')
    await ask('LHLO mx.example.org', '250')
    for (const { sender, recipient, text } of mails) {
      await ask(`MAIL FROM:<${sender}>`, '250')
      await ask(`RCPT TO:<${recipient}>`, '250')
      await ask('DATA', '354')
      const stuffed = text.replace(/^\./gm, '..').replace(/\n/g, '\r\n')
      await ask(`${stuffed}\r\n.`, '250') // one reply for each recipient: there is one
    }
    await ask('QUIT', '221')
  } finally {
    socket.destroy()
  }
}

/** The last line of each reply. */
async function* readReplies(socket: Socket): AsyncGenerator<string, undefined> {
  for await (const line of createInterface({ input: socket })) if (line[3] !== '-') yield line
  return undefined
}
