/** `debug`: Mailman 3's debug.log, empty unless its level is set to debug: each runner's each round (core/runner.py). */
import { defineParser, type Pattern } from './_contract.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const closed = { open: false } as const

export const mailman3: readonly Pattern[] = [
  // runners/outgoing.py; the function's repr has no colon.
  pattern('debug-traced', '[{runner}] <{rest}>: {messageId}'),
  pattern('debug-traced', '[{runner}] processing filebase: {queueFile}'),
  pattern('debug-traced', '[{runner}] finishing filebase: {queueFile}'),
  pattern('debug-traced', '[{runner}] {rest}', closed),
  pattern('debug-traced', 'Running task runner periodic tasks'),
  pattern('debug-traced', '{messageId*} pipeline {pipeline} processing: {handler}'),
  // Other programs may use this log too.
  pattern('error-raised', `{rest}\n${TRACEBACK}\n{onlyTraceback}`),
  pattern('debug-traced', '{rest}'),
]

export default defineParser(mailman3)
