/** A request as data, so that setup can send it or print it for an administrator: the same either way. */
import type { Client } from '@elastic/elasticsearch'
import type { JsonObject } from './template.js'

export interface Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: JsonObject
}

/** @throws the client's error */
export async function perform(client: Client, { method, path, body }: Request): Promise<unknown> {
  return client.transport.request(body === undefined ? { method, path } : { method, path, body })
}

/** As Kibana's console takes it. */
export function printRequest({ method, path, body }: Request): string {
  return body === undefined ? `${method} ${path}` : `${method} ${path}\n${JSON.stringify(body, undefined, 2)}`
}
