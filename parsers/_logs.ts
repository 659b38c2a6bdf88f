/** The logs that Mailman writes, by name, and the dataset of each; without loading a parser. */
import { readdirSync } from 'node:fs'

/** The files of this folder that are parsers, each named as the log it reads. */
export const parserFiles: readonly string[] = readdirSync(import.meta.dirname)
  .filter(name => /^[a-z][a-z-]*\.[jt]s$/.test(name))
  .sort()

/**
 * Mailman 2.1 (Mailman/Logging/Syslog.py opens one file for each category) and 3 (`mailman.config.schema`, `[logging.*]`): every
 * log that has a parser, and `digest`, which 2.0 wrote.
 */
export const logs: readonly string[] = [...parserFiles.map(name => name.slice(0, -3)), 'digest']

/** What is stored beside the logs and is none: `alerts` are the agent's own. No file of this name is followed. */
export const ownDatasets: readonly string[] = ['alerts']

const datasets = new Map<string, string>()

/** The kind of log, in 2.1's names: `smtp-failure` → `mailman.smtp_failure`. Mailman 3's mixed file itself is `mailman.core`. */
export function datasetOf(log: string): string {
  let dataset = datasets.get(log)
  if (dataset === undefined) {
    dataset = `mailman.${log === 'mailman' ? 'core' : log.toLowerCase().replace(/[^a-z0-9]/g, '_')}`
    datasets.set(log, dataset)
  }
  return dataset
}
