/**
 * The holes that a template may have: what text fits, and which fields it becomes. A hole's name is what Mailman's source or
 * the catalogue of its messages calls that place.
 */
import type { Hole } from './_hole.js'
import { deliveryHoles } from './_holes-delivery.js'
import { mailman3Holes } from './_holes-mailman3.js'
import { messageHoles } from './_holes-message.js'
import { peopleHoles } from './_holes-people.js'
import { programHoles } from './_holes-programs.js'
import { smtpHoles } from './_holes-smtp.js'

const table = { ...messageHoles, ...deliveryHoles, ...peopleHoles, ...programHoles, ...mailman3Holes, ...smtpHoles } as const

export type HoleName = keyof typeof table

export const holes: Readonly<Record<HoleName, Hole>> = table
