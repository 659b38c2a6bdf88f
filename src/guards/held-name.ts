/**
 * What the name of a file in Mailman 2.1's data directory tells of a message that waits for a moderator: `heldmsg-LIST-ID.pck`, or
 * `.txt` where HOLD_MESSAGES_AS_PICKLES is off (Mailman/ListAdmin.py, HoldMessage).
 */

const HELD = /^heldmsg-(.{1,200})-(\d{1,15})\.(?:pck|txt)$/s

export interface HeldName {
  /** Lower case. Somebody else may have made the file: a text like any other. */
  readonly list: string
  readonly id: number
}

export function heldNameOf(name: string): HeldName | undefined {
  const [, list, id] = HELD.exec(name) ?? []
  return list === undefined ? undefined : { list: list.toLowerCase(), id: Number(id) }
}
