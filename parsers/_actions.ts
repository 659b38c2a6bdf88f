/**
 * The vocabulary: one `event.action` per thing that happens in Mailman, the same for 2.1 and 3, and for each moment of an alert.
 * The README's table is made from it.
 */
import type { Action } from './_action.js'
import { alertActions } from './_actions-alerts.js'
import { messageActions } from './_actions-messages.js'
import { peopleActions } from './_actions-people.js'
import { programActions } from './_actions-programs.js'

const table = { ...messageActions, ...peopleActions, ...programActions, ...alertActions } as const

export type ActionName = keyof typeof table

export const actions: Readonly<Record<ActionName, Action>> = table
