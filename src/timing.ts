/** How long things wait, in milliseconds. */

/** An event, for others to be sent with. */
export const BATCH_AGE_MS = 100

/** A record that could go on, for its next line; then it counts as complete. */
export const QUIET_MS = 250

/** The steady look at the files; hints only make it earlier. */
export const LOOK_MS = 5_000

/** A changed checkpoint, to be written with what comes after. */
export const SAVE_MS = 1_000

/** What is on the way, when asked to stop; less than systemd's TimeoutStopSec. */
export const DRAIN_MS = 10_000
