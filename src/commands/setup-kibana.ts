/** The part of `setup` that is about Kibana: what is read from files before anything is asked, and what is printed instead. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postSpace, putKibanaRole, type RulesWish, space } from '../delivery/kibana.js'
import { type Kibana, readKibanaUrl } from '../delivery/kibana-connection.js'
import { importObjects, readObjects, type SavedObjects } from '../delivery/kibana-objects.js'
import { postRule, type Rule, readRules, removeRules } from '../delivery/kibana-rules.js'
import type { Request } from '../delivery/request.js'
import type { StepPlan } from '../delivery/step.js'
import { ShipperError } from '../errors.js'

export interface KibanaOptions {
  readonly kibana: string
  /** PEM file of the authority that signed Kibana's certificate. */
  readonly caFile: string | undefined
  /** Where the saved objects are. Default: beside the program. */
  readonly objectsFile?: string | undefined
  /** Id of a connector of the site that the alert rules use. Default: none. */
  readonly connector?: string | undefined
  /** To whom it sends mail. */
  readonly alertTo?: string | undefined
}

const packed = fileURLToPath(new URL('../../../deploy/kibana/mailman.ndjson', import.meta.url))
/** The alert rules lie beside the objects. */
const rulesBeside = (objectsFile: string): string => join(dirname(objectsFile), 'rules.json')

/** @throws ShipperError where Kibana could not be spoken to as wished; nothing has been sent */
export async function openKibana(
  { kibana, caFile, objectsFile = packed, connector, alertTo: to }: KibanaOptions,
  credentials: { readonly username: string; readonly password: string },
): Promise<OpenedKibana> {
  const url = readKibanaUrl(kibana)
  const authority = caFile === undefined ? undefined : await read(caFile)
  const objects = readObjects(await read(objectsFile))
  return { kibana: { url, ...credentials, authority }, objects, wish: { rules: await readPacked(objectsFile), connector, to } }
}

export interface OpenedKibana {
  readonly kibana: Kibana
  readonly objects: SavedObjects
  readonly wish: RulesWish
}

const readPacked = async (objectsFile: string): Promise<readonly Rule[]> => readRules(await read(rulesBeside(objectsFile)))

/** @param others hosts that still ship, in words: while there are any, the rules watch them */
export function planRulesRemoval({ kibana, wish }: OpenedKibana, others: () => Promise<string | undefined>): StepPlan {
  return {
    name: 'Kibana alert rules',
    needed: false,
    missing: [],
    async run() {
      const used = await others()
      if (used !== undefined) return { status: 'skipped', detail: `still used: they watch ${used}` }
      return removeRules(kibana, space, wish.rules)
    },
  }
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
export async function kibanaRequests(namespace: string, objectsFile = packed): Promise<readonly Request[]> {
  const rules = await readPacked(objectsFile)
  const requests = [postSpace, putKibanaRole(namespace)!, ...rules.map(rule => postRule(space, rule))]
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
