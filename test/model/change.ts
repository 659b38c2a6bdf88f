/** What a program does to the logs. */
import type { Action } from './actions.js'
import type { World } from './world.js'

/** @param meanwhile happens while a .gz is half written */
export async function change(world: World, action: Action, meanwhile: () => Promise<unknown>): Promise<void> {
  switch (action.do) {
    case 'write':
      return world.write(action.log, action.lines)
    case 'write part':
      return world.writePart(action.log, action.percent)
    case 'reopen':
      return world.reopen(action.log)
    case 'rotate':
      return world.rotate(action.log)
    case 'truncate':
      return world.truncate(action.log)
    case 'copytruncate':
      return world.copyTruncate(action.log, action.late)
    case 'gzip':
      return world.gzip(action.log)
    case 'gzip slowly':
      return world.gzip(action.log, meanwhile)
    case 'delete':
      return world.delete(action.file === 0 ? action.log : `${action.log}.${action.file}`)
  }
}
