/** The part of the table of errors.ts about the systemd unit. In a file of its own for its length alone; everybody asks errors.ts. */
import type { ErrorEntry } from './errors.js'

export const unitErrors = {
  MLS_UNIT_MISSING: {
    exit: 1,
    message: 'The unit mailman-shipper.service is not on this host',
    remedy: 'Install the package, or the unit by hand as deploy/systemd/README.md says.',
  },
  MLS_UNIT_INCOMPLETE: {
    exit: 1,
    message: 'Not all that the unit needs could be found out',
    remedy: 'Mend what is named and run it again, as root; with --write nothing was changed.',
  },
  MLS_UNIT_UNWRITABLE: {
    exit: 1,
    message: 'The drop-in of the unit cannot be written',
    remedy: 'Run it as root: sudo mailman-shipper check --unit --write.',
  },
} as const satisfies Record<string, ErrorEntry>
