/** What is asked is in the page's address: it can be shared, and Back goes to what was asked before. */
export const conditions = ['q', 'log', 'action', 'list', 'reason', 'address', 'since', 'until'] as const
export type Condition = (typeof conditions)[number]

/** Of them, those that are given. `event`: the one that is open; `limit`: how many rows. */
export type Asked = Readonly<Partial<Record<Condition | 'event' | 'limit', string>>>

export function readAddress(): Asked {
  const given = new URLSearchParams(location.search)
  const asked = [...conditions, 'event', 'limit'].map(name => [name, given.get(name)])
  return Object.fromEntries(asked.filter(([, value]) => value)) as Asked
}

export function parametersOf(asked: Asked, names: readonly (keyof Asked)[] = conditions): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const name of names) if (asked[name]) parameters.set(name, asked[name])
  return parameters
}

export function addressOf(asked: Asked, path = '/'): string {
  const parameters = parametersOf(asked, [...conditions, 'event', 'limit']).toString()
  return parameters === '' ? path : `${path}?${parameters}`
}

export const messageAddress = (messageId: string): string => `/message?${new URLSearchParams({ id: messageId })}`
