/** GNU Mailman 3 core, as python-venv.ts installs it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installPython } from './python-venv.js'

const requirements = fileURLToPath(new URL('mailman3-requirements.txt', import.meta.url))
const version = /^mailman==(.+)$/m.exec(readFileSync(requirements, 'utf8'))![1]!

/** The directory of Mailman's programs. */
export const installMailman3 = (): Promise<string> =>
  installPython({
    name: 'Mailman 3',
    folder: 'mailman-shipper-mailman3',
    requirements,
    check: ['mailman', '--version'],
    says: `GNU Mailman ${version} `,
  })
