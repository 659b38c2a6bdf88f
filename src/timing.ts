/** How long things wait, in milliseconds. */

/** A record that a quiet time ended, for others to be sent with; what is read is sent when all is read. */
export const BATCH_AGE_MS = 100

/** A record that could go on, for its next line; then it counts as complete. */
export const QUIET_MS = 250

/** The steady look at the files; hints only make it earlier. */
export const LOOK_MS = 5_000

/** Between two looks, where a hint asks for one: a rotation renames several files. */
export const LOOK_AGAIN_MS = 100

/** A changed checkpoint, to be written with what comes after. */
export const SAVE_MS = 1_000

/** The output's first answer, for whoever started the agent and waits until it is ready; less than systemd's TimeoutStartSec. */
export const READY_MS = 10_000

/** What is on the way, when asked to stop; less than systemd's TimeoutStopSec. */
export const DRAIN_MS = 10_000
