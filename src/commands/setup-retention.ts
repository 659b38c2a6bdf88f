/** `setup --keep-days 90 --keep-days-of subscribe=365`: what is said on the command line of how long events are kept. */
import type { Argv } from 'yargs'
import type { Config } from '../config/options.js'
import { readDataset } from '../config/problems.js'
import { MAX_DAYS } from '../config/schema.js'
import type { Retention } from '../delivery/retention.js'
import { printable } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'

export interface RetentionArguments {
  /** Days. */
  readonly keepDays?: number | undefined
  /** `subscribe=365` */
  readonly keepDaysOf?: readonly string[] | undefined
}

export const withRetention = <T>(yargs: Argv<T>) =>
  yargs
    .option('keep-days', {
      type: 'number',
      requiresArg: true,
      describe: 'delete the logs’ events after so many days; default: what was set before, else 90',
    })
    .option('keep-days-of', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'of this log after so many, such as subscribe=365; agent=30: the agent’s own health; may be given several times',
    })

/** @throws ShipperError MLS_USAGE_INVALID */
export function readRetention({ keepDays, keepDaysOf = [] }: RetentionArguments, { logs }: Config): Retention {
  const of = new Map<string, number>()
  const refuse = (sentence: string): never => {
    throw new ShipperError('MLS_USAGE_INVALID', sentence)
  }
  const check = (option: string, days: number): number =>
    Number.isInteger(days) && days >= 1 && days <= MAX_DAYS
      ? days
      : refuse(`${option}: a whole number of days, 1 to ${MAX_DAYS}, is wanted`)
  for (const text of keepDaysOf) {
    const [, name = '', days = ''] = /^([^=]+)=(\d{1,6})$/.exec(text) ?? []
    if (name === '') refuse(`--keep-days-of ${printable(text)}: a log and its days are wanted, such as subscribe=365`)
    const { dataset, sentence } = readDataset(name, [...logs.names, 'agent'])
    if (dataset === undefined) return refuse(`--keep-days-of ${printable(name)}: ${sentence}`)
    if (of.has(dataset)) refuse(`--keep-days-of ${printable(name)}: is there twice`)
    of.set(dataset, check(`--keep-days-of ${name}`, Number(days)))
  }
  return { all: keepDays === undefined ? undefined : check('--keep-days', keepDays), of }
}
