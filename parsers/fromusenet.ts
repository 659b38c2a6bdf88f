/** `fromusenet`: the gateway from Usenet (cron/gate_news; 3: commands/cli_gatenews.py). */
import { badFormat } from './_bad-format.js'
import { defineParser, inLog, type Pattern } from './_contract.js'
import { pattern } from './_template.js'

const closed = { open: false } as const
/** The same in 2.1 and 3. */
const both: readonly Pattern[] = inLog('fromusenet', [
  pattern('usenet-gated', 'posted to list {list}: {article}', closed),
  pattern('usenet-gated', '{list} watermark: {article}', closed),
  pattern('usenet-gated', '{list}: [{rest}..{rest}]'),
  pattern('usenet-gated', 'gating {list} articles [{rest}..{rest}]'),
  pattern('usenet-gated', 'nothing new for list {list}'),
  pattern('usenet-gated', '{list} caught up to article {article}', closed),
  pattern('usenet-error', 'NNTP error for list {list}: {article}\n{nntpCode} {error}'),
  pattern('usenet-error', 'NNTP error for list {list}: {article}\n{error}'),
  pattern('usenet-error', 'error opening connection to nntp_host: {server}:{port}\n{error}'),
  pattern('usenet-error', 'error opening connection to nntp_host: {server}\n{error}'),
  pattern('usenet-error', 'error opening connection to nntp_host: {server}:{port}', { open: true }),
  pattern('usenet-error', 'error opening connection to nntp_host: {server}', { open: true }),
  pattern('usenet-error', 'email package exception for {newsgroup}:{article}\n{error}'),
  pattern('usenet-error', 'email package exception for {newsgroup}:{article}'),
])

/** Mailman 3's logger `fromusenet`: an answer is part of its record. */
export const mailman3: readonly Pattern[] = [
  ...both,
  ...inLog('fromusenet', [
    pattern('usenet-error', 'NNTP error for list {list}: {article}'),
    pattern('usenet-error', 'NNTP error for list {list}:\n{nntpCode} {error}'),
    pattern('usenet-error', 'NNTP error for list {list}:\n{error}'),
    pattern('usenet-error', 'NNTP error for list {list}:', { open: true }),
    pattern('usenet-error', 'Could not acquire gatenews lock'),
  ]),
]

/** gate_news logs what the server answered as a record of its own, right behind; 3 does not. */
const answer = { joins: (text: string) => !mailman3.some(({ match }) => match(text) !== undefined), open: true } as const

export default defineParser([
  ...both,
  pattern('usenet-error', 'NNTP error for list {list}: {article}', answer),
  pattern('usenet-error', "{list}: couldn't open newsgroup {newsgroup}: skipping\n{nntpCode} {error}"),
  pattern('usenet-error', "{list}: couldn't open newsgroup {newsgroup}: skipping\n{error}"),
  pattern('usenet-error', "{list}: couldn't open newsgroup {newsgroup}: skipping", { open: true }),
  pattern('usenet-error', 'Could not acquire list lock: {list}'),
  pattern('usenet-error', 'Could not acquire gate_news lock'),

  // The Python 3 forks. What they could not read is the text of an article.
  pattern('usenet-gated', 'poll_newsgroup for {rest} -> {rest}', closed),
  pattern('usenet-error', 'Empty headers for message {article}', closed),
  ...['headers', 'body'].flatMap(part => [
    pattern('usenet-error', `Error getting ${part} for {article}: {nntpCode} {error}`),
    pattern('usenet-error', `Error getting ${part} for {article}: {error}`),
  ]),
  pattern('usenet-error', 'Unexpected error processing article {article}: {error}'),
  pattern('usenet-error', 'Could not extract headers from: {body}'),
  pattern('usenet-error', 'Could not extract body from: {body}'),
  pattern('usenet-error', 'IndexError with result: {body}'),
  pattern('usenet-error', 'head() returned type: {rest}', closed),
  pattern('usenet-error', 'nntplib not available, cannot open newsgroup for list "{listText}"'),

  ...mailman3.slice(both.length + 1), // without the one that joins nothing
  badFormat,
  // An answer whose first line stands in the second before, or in the file before.
  pattern('usenet-error', '{nntpCode} {error}'),
])
