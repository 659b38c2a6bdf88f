/** Programs that once went wrong, as short as they could be made. */
import t from 'tap'
import type { Action } from './actions.js'
import { inDirectories } from './directory.js'
import { play } from './play.js'

const found: readonly { readonly name: string; readonly todo?: string; readonly program: readonly Action[] }[] = [
  {
    name: 'a file is cut and written anew while its directory cannot be read: the agent rests all the same',
    program: [
      { do: 'start' },
      { do: 'write', log: 'vette', lines: 5 },
      { do: 'wait', ms: 6_000 },
      { do: 'chmod directory' },
      { do: 'truncate', log: 'vette' },
      { do: 'write', log: 'vette', lines: 20 },
      { do: 'wait', ms: 6_000 },
    ],
  },
  {
    name: 'killed by the draining of a stop, whose batch comes back unsent',
    program: [
      { do: 'start' },
      { do: 'write', log: 'error', lines: 1 },
      { do: 'server', is: 'slow' },
      { do: 'wait', ms: 70_000 },
      { do: 'kill', at: 'before the answer', restart: false },
      { do: 'stop' },
      { do: 'wait', ms: 60 },
      { do: 'write', log: 'error', lines: 1 },
      { do: 'rotate', log: 'error' },
    ],
  },
  {
    name: 'a rotated file of one byte is given out; more is written to it: ids are made from its first line, once that is whole',
    program: [
      { do: 'write part', log: 'vette', percent: 0 },
      { do: 'rotate', log: 'vette' },
      { do: 'wait', ms: 70_000 },
      { do: 'server', is: 'deaf' },
      { do: 'start' },
      { do: 'hint' },
      { do: 'write', log: 'vette', lines: 1 },
      { do: 'wait', ms: 60 },
      { do: 'kill', at: 'now', restart: false },
    ],
  },
  {
    name: 'a rotated file is quiet for a minute, its last record given out; more of that record comes, and a crash in between',
    program: [
      { do: 'write', log: 'error', lines: 2 },
      { do: 'wait', ms: 70_000 },
      { do: 'rotate', log: 'error' },
      { do: 'start' },
      { do: 'rotate', log: 'error' },
      { do: 'write', log: 'error', lines: 1 },
      { do: 'kill', at: 'before saving', restart: false },
      { do: 'hint' },
      { do: 'write', log: 'error', lines: 1 },
      { do: 'write', log: 'error', lines: 1 },
      { do: 'hint' },
      { do: 'server', is: 'up' },
      { do: 'write part', log: 'error', percent: 0 },
    ],
  },
  {
    name: 'a .gz is given its next name before its first byte was read',
    program: [
      { do: 'write', log: 'error', lines: 2 },
      { do: 'server', is: 'deaf' },
      { do: 'start' },
      { do: 'write', log: 'post', lines: 1 },
      { do: 'rotate', log: 'post' },
      { do: 'gzip slowly', log: 'post' },
      { do: 'wait', ms: 6_000 },
      { do: 'rotate', log: 'post' },
    ],
  },
]

for (const { name, program, ...options } of found)
  t.test(name, options, t =>
    inDirectories(async (logs, state) => {
      await t.resolves(play(program, logs, state), 'nothing lost, nothing twice, in order')
    }),
  )
