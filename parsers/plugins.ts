/** `plugins`: Mailman 3's plugins.log: which plugins failed (core/initialize.py, plugins/initialize.py), and what they say. */
import { defineParser, type Pattern } from './_contract.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const closed = { open: false } as const

export const mailman3: readonly Pattern[] = [
  pattern('config-error', 'Plugin class does not implement IPlugin: {settingValue}', closed),
  pattern('config-error', 'Duplicate plugin name: {settingValue}', closed),
  pattern(
    'config-error',
    'The {setting} configuration value has been replaced by the plugins infrastructure, and {rest}',
    closed,
  ),
  pattern('debug-traced', 'Plugin not enabled, or empty class path: {rest}', closed),
  // The hooks of plugins; any other text with a traceback is a plugin's own.
  pattern('error-raised', `{rest}\n${TRACEBACK}\n{onlyTraceback}`),
  pattern('error-raised', 'Plugin failed to run its {rest}', { open: true }),
  pattern('debug-traced', '{rest}'),
]

export default defineParser(mailman3)
