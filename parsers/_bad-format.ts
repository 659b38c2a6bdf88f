/**
 * What any log of 2.1 gets where a message could not be written: its template, and why (Logging/Syslog.py). Mostly a text that
 * is not ASCII met one that is Unicode. What the template would have said is lost.
 */
import { pattern } from './_template.js'

export const badFormat = pattern('error-raised', 'Bad format "{rest*}": {error}')
