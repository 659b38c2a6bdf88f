/** The part of `setup` that is about Kibana: what is read from files before anything is asked, and what is printed instead. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { postSpace, putKibanaRole, space } from '../delivery/kibana.js'
import { type Kibana, readKibanaUrl } from '../delivery/kibana-connection.js'
import { importObjects, readObjects, type SavedObjects } from '../delivery/kibana-objects.js'
import type { Request } from '../delivery/request.js'
import { ShipperError } from '../errors.js'

export interface KibanaOptions {
  readonly kibana: string
  /** PEM file of the authority that signed Kibana's certificate. */
  readonly caFile: string | undefined
  /** Where the saved objects are. Default: beside the program. */
  readonly objectsFile?: string | undefined
}

const packed = fileURLToPath(new URL('../../../deploy/kibana/mailman.ndjson', import.meta.url))

/** @throws ShipperError where Kibana could not be spoken to as wished; nothing has been sent */
export async function openKibana(
  { kibana, caFile, objectsFile = packed }: KibanaOptions,
  credentials: { readonly username: string; readonly password: string },
): Promise<{ readonly kibana: Kibana; readonly objects: SavedObjects }> {
  const url = readKibanaUrl(kibana)
  const authority = caFile === undefined ? undefined : await read(caFile)
  return { kibana: { url, ...credentials, authority }, objects: readObjects(await read(objectsFile)) }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new ShipperError('MLS_FILE_MISSING', `${path} (${code})`)
  }
}

/** For Kibana's own console, where `kbn:` is Kibana; the file needs a form, which that has not. */
export function kibanaRequests(namespace: string): readonly Request[] {
  const requests = [postSpace, putKibanaRole(namespace)!]
  return requests.map(request => ({ ...request, path: `kbn:${request.path}` }) as Request)
}

/** The request that brings the saved objects; its body is a form with the file. */
export const kibanaImport = (objectsFile = packed): { readonly method: string; readonly path: string; readonly file: string } => {
  const { method, path } = importObjects(space, '')
  return { method, path: `kbn:${path}`, file: objectsFile }
}

export const kibanaByHand = (objectsFile?: string): string => {
  const { method, path, file } = kibanaImport(objectsFile)
  return `# Then, in Kibana's space ${space}: Stack Management, Saved Objects, Import ${file}
# (or send it as a form's field "file": ${method} ${path}, with the header kbn-xsrf: true).`
}
