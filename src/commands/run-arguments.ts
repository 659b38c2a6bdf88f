/**
 * The arguments of `run` without yargs, which would stay in the agent's memory. What is not plainly right here is undefined, and yargs
 * reads it then, or says what is wrong.
 */
import { parseArgs } from 'node:util'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export interface RunArguments {
  config?: string
  once: boolean
  logLevel: (typeof logLevels)[number]
}

export function readRunArguments(given: readonly string[]): RunArguments | undefined {
  const names = given.map(argument => argument.split('=')[0]).filter(name => name?.startsWith('-'))
  if (new Set(names).size < names.length) return undefined
  try {
    const options = { config: { type: 'string' }, once: { type: 'boolean' }, 'log-level': { type: 'string' } } as const
    const { config, once = false, 'log-level': level = 'info' } = parseArgs({ args: [...given], options }).values
    const logLevel = logLevels.find(known => known === level)
    if (logLevel === undefined || config === '') return undefined
    return { once, logLevel, ...(config === undefined ? {} : { config }) }
  } catch {
    return undefined
  }
}
