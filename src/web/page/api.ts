/** Asks the server. */
import type { Refusal, Site } from '../answers.js'
import { element, part } from './elements.js'

/** What the server says why not. */
class Refused extends Error {}

export async function get<T>(path: string, parameters: URLSearchParams, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(`/api/${path}?${parameters}`, signal === undefined ? {} : { signal })
  return read<T>(answer)
}

/** Changes something. @throws what `sayRefusal` says */
export async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await read(await fetch(`/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
}

async function read<T>(answer: Response): Promise<T> {
  if (answer.ok) return (await answer.json()) as T
  const { message = `The server answered ${answer.status}.`, remedy = '' } = (await answer
    .json()
    .catch(() => ({}))) as Partial<Refusal>
  throw new Refused(`${message} ${remedy}`.trim())
}

/** What is shown at the foot of each page, and asked for first. */
export async function getSite(): Promise<Site> {
  const site = await get<Site>('site', new URLSearchParams())
  part('site').replaceChildren(`${site.store} · times in ${site.zone} · mailman-shipper ${site.version}`)
  return site
}

/** @returns whether it was a question that a newer one overtook */
export function showTrouble(error: unknown): boolean {
  if (error instanceof DOMException && error.name === 'AbortError') return true
  part('trouble').replaceChildren(element('p', {}, sayRefusal(error)))
  return false
}

export const sayRefusal = (error: unknown): string =>
  error instanceof Refused ? error.message : 'The server cannot be reached. Is `mailman-shipper web` still running?'

export const clearTrouble = (): void => part('trouble').replaceChildren()
