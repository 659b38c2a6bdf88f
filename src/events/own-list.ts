/** The addresses of the list that an event is about: they are no person's, and people search by them. */

/** Where a list's mail and its commands go (Mailman/MailList.py; 3: interfaces/mailinglist.py). */
const ROLE = /-(?:admin|bounces|confirm|join|leave|owner|request|subscribe|unsubscribe)$/

export interface OwnList {
  /** Lower case. */
  readonly name: string
  /** Mailman 2.1 does not log it. */
  readonly host: string | undefined
}

/** `list-bounces+member=host@…` is not one: it holds a member's address. */
export function isOfList(local: string, domain: string, list: OwnList | undefined): boolean {
  if (list === undefined || (list.host !== undefined && list.host !== domain.toLowerCase())) return false
  const lower = local.toLowerCase()
  return lower === list.name || (lower.startsWith(`${list.name}-`) && lower.replace(ROLE, '') === list.name)
}
