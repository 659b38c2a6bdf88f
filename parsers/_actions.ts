/** The vocabulary: one `event.action` per thing that happens in Mailman, the same for 2.1 and 3. The README's table is made from it. */
import type { Action } from './_action.js'
import { messageActions } from './_actions-messages.js'
import { peopleActions } from './_actions-people.js'
import { programActions } from './_actions-programs.js'

const table = { ...messageActions, ...peopleActions, ...programActions } as const

export type ActionName = keyof typeof table

export const actions: Readonly<Record<ActionName, Action>> = table
