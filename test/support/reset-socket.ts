/** Ends a connection with a reset, whatever the other end does meanwhile. */
import type { Socket } from 'node:net'

/**
 * Node's `resetAndDestroy` ends the stream first, as we do. But where the other end is killed before that is done, the read error
 * closes it at once; Node then resets a socket that is still being shut down, is refused (EINVAL), and neither says `close` nor
 * lets the process end. Once the stream has ended nothing can come between.
 */
export function resetSocket(socket: Socket): void {
  socket.end(() => socket.resetAndDestroy())
}
