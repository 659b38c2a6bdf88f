/** Asks the server. */
import type { Refusal, Site } from '../answers.js'
import { element, part } from './elements.js'

/** What the server says why not. */
class Refused extends Error {}

export async function get<T>(path: string, parameters: URLSearchParams, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(`/api/${path}?${parameters}`, signal === undefined ? {} : { signal })
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
  const text = error instanceof Refused ? error.message : 'The server cannot be reached. Is `mailman-shipper web` still running?'
  part('trouble').replaceChildren(element('p', {}, text))
  return false
}

export const clearTrouble = (): void => part('trouble').replaceChildren()
