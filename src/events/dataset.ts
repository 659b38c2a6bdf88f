/** Which dataset an event is of: the kind of log, in 2.1's names; Mailman 3's mixed file itself is `mailman.core`. */
const datasets = new Map<string, string>()

/** `smtp-failure` → `mailman.smtp_failure` */
export function datasetOf(log: string): string {
  let dataset = datasets.get(log)
  if (dataset === undefined) {
    dataset = `mailman.${log === 'mailman' ? 'core' : log.toLowerCase().replace(/[^a-z0-9]/g, '_')}`
    datasets.set(log, dataset)
  }
  return dataset
}
