/** What a process holds of its state directory for as long as it lives, however often its agent is opened anew: lock and checkpoint. */
import { prepareStateDirectory } from './directory.js'
import { lockStateDirectory } from './lock.js'
import { CheckpointStore } from './store.js'

export interface State {
  readonly directory: string
  readonly checkpoint: CheckpointStore
  close(): Promise<void>
}

/** @throws ShipperError where the directory cannot be used, or another agent uses it */
export async function openState(directory: string): Promise<State> {
  await prepareStateDirectory(directory)
  const lock = await lockStateDirectory(directory)
  return { directory, checkpoint: new CheckpointStore(directory), close: () => lock.release() }
}
