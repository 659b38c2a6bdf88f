/**
 * The client's pool of connections, as delivery needs it: nodes.ts decides. The pool that the client makes by itself goes on asking a
 * dead node nearly as often as the others until it failed three times; the one that rests nodes does so for up to half an hour; and
 * neither learns that a request was given up because no answer came. So the client's own marks do nothing here.
 */
import type { Connection } from '@elastic/elasticsearch'
import { startDeadline } from './deadline.js'
import { BaseConnectionPool, errors } from './elastic.js'
import type { Nodes } from './nodes.js'

/** How long a node that rested may take to say that it is back. */
const ASK_MS = 3_000

/** `via` of a request's context: learns which node it goes to. */
export class Via {
  node: URL | undefined
}

/** A class for the client's option `ConnectionPool`. */
export function poolOf(nodes: Nodes): typeof BaseConnectionPool {
  return class extends BaseConnectionPool {
    readonly #closed = new AbortController()

    override getConnection({ context }: { readonly context?: { readonly via?: unknown } | null }): Connection | null {
      for (const connection of this.connections) if (nodes.takeRested(connection.url)) void this.#ask(connection)
      const chosen = nodes.choose(this.connections)
      if (context?.via instanceof Via) context.via.node = chosen?.url
      return chosen ?? null
    }

    override markAlive(): this {
      return this
    }

    override markDead(): this {
      return this
    }

    override async empty(): Promise<void> {
      this.#closed.abort()
      await super.empty()
    }

    // Any answer will do, but for those of a proxy without a server, and of a server without a cluster.
    async #ask(connection: Connection): Promise<void> {
      // Node 20 forgets an AbortSignal.timeout within an AbortSignal.any.
      const deadline = startDeadline(this.#closed.signal, ASK_MS)
      const options = { requestId: 0, name: 'is it back?', context: undefined, signal: deadline.signal }
      try {
        const { statusCode } = await connection.request({ method: 'HEAD', path: '/' }, options)
        if (statusCode < 500 && statusCode !== 429) nodes.isBack(connection.url)
        else nodes.failed(connection.url, `status ${statusCode}`)
      } catch {
        nodes.failed(connection.url, 'does not answer')
      } finally {
        deadline.end()
      }
    }
  }
}

/** The same of a request without it that failed; undefined: it went to none, or the client does not tell. */
export function nodeOf(error: unknown): URL | undefined {
  if (!(error instanceof errors.ElasticsearchClientError) || !('meta' in error)) return undefined
  const url: unknown = (error.meta as { meta?: { connection?: { url?: unknown } | null } } | undefined)?.meta?.connection?.url
  return url instanceof URL ? url : undefined
}
