/** What the vocabulary says of one thing that happens in Mailman. The vocabulary itself is in the files `_actions-….ts`. */
export interface Action {
  /** Allowed values of ECS 9.4; for mail the only type expected is `info`. */
  readonly category: readonly string[]
  readonly type: readonly string[]
  readonly meaning: string
  /** Where Mailman logs it: 2.1's module, then 3's, `–` where it has none. */
  readonly module: string
  /** What a list admin does about it. */
  readonly advice: string
}

type Make = (meaning: string, module: string, advice: string) => Action

const make =
  (category: readonly string[], type: readonly string[]): Make =>
  (meaning, module, advice) => ({ category, type, meaning, module, advice })

export const mail = make(['email'], ['info'])
export const member = make(['iam'], ['group', 'change'])
export const login = make(['authentication'], ['start'])
export const denied = make(['intrusion_detection'], ['denied'])
export const web = make(['web'], ['access'])
export const error = make([], ['error'])
export const info = make([], ['info'])
export const processStart = make(['process'], ['start'])
export const processEnd = make(['process'], ['end'])
export const processInfo = make(['process'], ['info'])
