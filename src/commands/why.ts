/** `why`: why a message is held, what happened to an address, what waits on a list; from whichever store the configuration names. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import type { EventStore } from '../store/query.js'
import { readSpan } from '../troubleshooting/ask-message.js'
import { findSubject, isIdHash, readTyped, type Subject, type SubjectKind } from '../troubleshooting/subject.js'
import { askWhyAddress } from '../troubleshooting/why-address.js'
import { askWhyList } from '../troubleshooting/why-list.js'
import { askWhyMessage } from '../troubleshooting/why-message.js'
import { formsOf } from './address-forms.js'
import { openScreen } from './screen.js'
import type { Screen } from './search.js'
import { ID_HASH } from './trace.js'
import { spanJson, whyAddressJson, whyListJson, whyMessageJson } from './why-json.js'
import { formatUnknown, formatWhyAddress, formatWhyList, formatWhyMessage } from './why-text.js'
import { withStore } from './with-store.js'

export interface WhyArguments {
  config?: string | undefined
  subject?: string | undefined
  message?: boolean | undefined
  address?: boolean | undefined
  list?: boolean | undefined
  json?: boolean | undefined
}

const kinds: readonly SubjectKind[] = ['message', 'address', 'list']

/** @throws ShipperError */
export async function runWhy(given: WhyArguments, screen: Screen): Promise<void> {
  const forced = kinds.filter(kind => given[kind])
  if (forced.length > 1) throw new ShipperError('MLS_USAGE_INVALID', 'why: only one of --message, --address and --list')
  const typed = readTyped(given.subject ?? '', forced[0])
  if (typed.text === '') throw new ShipperError('MLS_USAGE_INVALID', 'why: a message id, an address or a list is wanted')
  const config = await loadConfig(given.config, { forPeople: true })
  let forms: Promise<string[]> | undefined
  const knownForms = (address: string): Promise<string[]> => {
    forms ??= formsOf(address.toLowerCase(), config, screen.err)
    return forms
  }
  await withStore(config, async store => {
    const subject = await findSubject(store, typed, knownForms)
    const answer = await ask(store, subject, { config, screen, knownForms })
    if (given.json) screen.out(printableJson(JSON.stringify(answer.json())))
    else for (const line of answer.text()) screen.out(line)
    for (const note of notesOn(subject)) screen.err(note)
  })
}

interface Surroundings {
  readonly config: Config
  readonly screen: Screen
  readonly knownForms: (address: string) => Promise<string[]>
}

interface Answer {
  json(): object
  text(): string[]
}

async function ask(
  store: EventStore,
  { kind, text, isUnknown }: Subject,
  { config, screen, knownForms }: Surroundings,
): Promise<Answer> {
  const paper = { ...screen, zone: config.logs.timezone }
  if (isUnknown) {
    const span = await readSpan(store)
    const sentence = `No event names ${text}, neither as a message, nor as an address, nor as a list.`
    return {
      json: () => ({ found: false, subject: text, store: spanJson(span) }),
      text: () => formatUnknown(sentence, span, paper),
    }
  }
  if (kind === 'message') {
    const why = await askWhyMessage(store, text)
    return { json: () => whyMessageJson(why), text: () => formatWhyMessage(why, screen.now(), paper) }
  }
  if (kind === 'address') {
    const why = await askWhyAddress(store, await knownForms(text))
    return { json: () => whyAddressJson(text, why), text: () => formatWhyAddress(text, why, paper) }
  }
  const why = await askWhyList(store, text.toLowerCase(), screen.now())
  return { json: () => whyListJson(why), text: () => formatWhyList(why, paper) }
}

function notesOn({ kind, text, also, isListWithoutHost }: Subject): string[] {
  const notes = also.map(other => `There are events of the ${other} ${printable(text)} too: why --${other}.`)
  if (isListWithoutHost) notes.push(`Taken for the list ${printable(text)}: no event names it with its host.`)
  if (kind === 'message' && isIdHash(text)) notes.push(ID_HASH)
  return notes
}

export default {
  command: 'why <subject>',
  describe: 'Why a message is held, what became of an address, what waits on a list, and what to do now',
  builder: (yargs: Argv) =>
    yargs
      .positional('subject', {
        type: 'string',
        demandOption: true,
        describe: 'A message id, an address or a list; what has events decides where the form does not',
      })
      .option('message', { type: 'boolean', default: false, describe: 'It is a message id' })
      .option('address', { type: 'boolean', default: false, describe: 'It is an address' })
      .option('list', { type: 'boolean', default: false, describe: "It is a list's name" })
      .option('json', { type: 'boolean', default: false, describe: 'One JSON object' })
      .example("$0 why '<20240301120000.1234@mail.example.org>'", 'by which rule, how many like it, and what to do')
      .example('$0 why ann@example.org', 'joined, bounced, disabled, removed, held')
      .example('$0 why announce', 'what waits for a moderator, and whether that is more than it was')
      .epilogue('Says what the logs say: what waits is not looked up in Mailman.\nExit code 0, also where there is no event.'),
  handler: (given: ArgumentsCamelCase<WhyArguments>) => runWhy(given, openScreen()),
}
