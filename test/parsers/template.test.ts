import t from 'tap'
import { parseText } from '../../parsers/_index.js'
import { pattern } from '../../parsers/_template.js'

/** The fields that a text's template fills, by name. */
function fieldsOf(log: string, text: string): Record<string, unknown> {
  const found = parseText(log, text)
  if (found === undefined) return {}
  const { pattern, values } = found
  const pairs = pattern.fields.map((field, i) => [field, values[i]] as const).filter(([, value]) => value !== undefined)
  return { action: pattern.action, ...pattern.constants, ...Object.fromEntries(pairs) }
}

t.test('a hole of text ends where what follows first fits, or last where marked', async t => {
  const first = pattern('error-raised', '{rest} in {list}: {error}')
  t.strictSame(first.match('a in b: c in d: e')?.slice(0, 1), ['b'])
  t.equal(first.match('a in b: c in d: e')?.at(-1), 'c in d: e')
  const last = pattern('error-raised', '{rest*} in {list}: {error}')
  t.strictSame(last.match('a in b: c in d: e')?.slice(0, 1), ['d'])
  t.equal(first.match('a in b'), undefined)
})

t.test('a template is anchored at both ends', async t => {
  const whole = pattern('error-raised', 'SHUNTING: {queueFile}')
  t.strictSame(whole.match('SHUNTING: 1.2+ab'), ['1.2+ab'])
  t.equal(whole.match(' SHUNTING: 1.2+ab'), undefined)
  t.equal(whole.match('SHUNTING: 1.2+ab '), undefined)
  t.equal(whole.match('SHUNTING: '), undefined)
})

t.test('a template that cannot be read is a mistake of its writer, found at once', async t => {
  t.throws(() => pattern('error-raised', 'no {such} hole'), /no hole is named such/)
  t.throws(() => pattern('error-raised', '{error}{rest}'), /literal text must follow/)
})

t.test('a word is bounded, a number is one that a long can hold', async t => {
  const sized = pattern('error-raised', '{list} has {size}')
  t.equal(sized.match(`${'x'.repeat(1025)} has 1`), undefined)
  t.strictSame(sized.match('dev has 12'), ['dev', undefined, undefined, 12])
  t.strictSame(sized.match('dev has 99999999999999999999'), ['dev', undefined, undefined, undefined])
  t.equal(sized.match('dev has 999999999999999999999'), undefined)
  const timed = (seconds: string) => fieldsOf('smtp', `<a@b> smtp to dev for 1 recips, completed in ${seconds} seconds`)
  t.equal(timed('5.0069')['event.duration'], 5_006_900_000)
  t.equal(timed('1.2.3')['event.duration'], undefined, 'no NaN in a document')
})

t.test('what older Mailmans and their forks log', async t => {
  const cases: [log: string, text: string, fields: Record<string, unknown>][] = [
    ['vette', 'held message approved, message-id: <a@b>', { action: 'message-approved', 'email.message_id': 'a@b' }],
    ['vette', 'Message discarded, msgid: <a@b>', { action: 'message-discarded', 'email.message_id': 'a@b' }],
    [
      'vette',
      'banned subscription: A@b (matched: ^a)',
      { action: 'subscription-banned', 'user.email': 'a@b', 'event.reason': '^a' },
    ],
    [
      'vette',
      'Dev banned subscription: a@b from 10.0.0.1 (matched: ^a)',
      {
        action: 'subscription-banned',
        'mailman.list.name': 'dev',
        'user.email': 'a@b',
        'source.address': '10.0.0.1',
        'source.ip': '10.0.0.1',
        'event.reason': '^a',
      },
    ],
    [
      'vette',
      'Dev banned subscription: a@b from evil: remote=192.0.2.1 (Spamhaus IP)',
      {
        action: 'subscription-banned',
        'mailman.list.name': 'dev',
        'user.email': 'a@b',
        'source.address': 'evil: remote=192.0.2.1',
        'event.reason': 'Spamhaus IP',
      },
    ],
    [
      'vette',
      'users post from a@b discarded: SpamAssassin score was 12.3 (discard threshold is 10)',
      {
        action: 'message-discarded',
        'mailman.list.name': 'users',
        'email.from.address': ['a@b'],
        'mailman.handler': 'SpamAssassin',
        'event.reason': 'SpamAssassin score was 12.3 (discard threshold is 10)',
      },
    ],
    [
      'vette',
      'Dev: Automatically Moderated a@b for verbose postings.',
      { action: 'member-moderated', 'mailman.list.name': 'dev', 'user.email': 'a@b' },
    ],
    [
      'vette',
      'Dev banned invitation: a@b (matched: ^a)',
      { action: 'invitation-banned', 'mailman.list.name': 'dev', 'user.email': 'a@b', 'event.reason': '^a' },
    ],
    [
      'vette',
      'dev: auto approved subscribe from a@b',
      { action: 'subscription-approved', 'mailman.list.name': 'dev', 'user.email': 'a@b' },
    ],
    ['vette', 'replied and discard', { action: 'command-discarded' }],
    [
      'vette',
      'dev@lists.example.org post from a@b held, message-id=<c@d>: Emergency hold on all list traffic is in effect',
      {
        action: 'message-held',
        'mailman.list.name': 'dev',
        'mailman.list.host': 'lists.example.org',
        'mailman.list.fqdn': 'dev@lists.example.org',
        'email.from.address': ['a@b'],
        'email.message_id': 'c@d',
        'mailman.hold.reason': 'emergency',
        'mailman.hold.reason_text': 'Emergency hold on all list traffic is in effect',
      },
    ],
    [
      'vette',
      'Dev post from a@b held, message-id=<c: d@e>: A reason of a third party: really',
      {
        action: 'message-held',
        'mailman.list.name': 'dev',
        'email.from.address': ['a@b'],
        'email.message_id': 'c: d@e',
        'mailman.hold.reason': ['other'],
        'mailman.hold.reason_text': 'A reason of a third party: really',
      },
    ],
    [
      'smtp',
      '<a@b> smtp for 3 recips, completed in 0.5 seconds',
      { action: 'message-delivered', 'email.message_id': 'a@b', 'mailman.smtp.recipients': 3, 'event.duration': 5e8 },
    ],
    ['smtp', 'Skipping VERP delivery to unqual recip: root', { action: 'delivery-skipped', 'email.to.address': ['root'] }],
    [
      'post',
      'post to dev from a@b, size=5, success',
      { action: 'message-posted', 'mailman.list.name': 'dev', 'email.from.address': ['a@b'], 'mailman.message.size': 5 },
    ],
    [
      'post',
      'post to dev from a@b, size=5, failure=75',
      {
        action: 'message-posted',
        'mailman.list.name': 'dev',
        'email.from.address': ['a@b'],
        'mailman.message.size': 5,
        'error.code': '75',
      },
    ],
    [
      'smtp-failure',
      "Low level SMTP error: (111, 'Connection refused')",
      { action: 'message-delivery-failed', 'error.message': "(111, 'Connection refused')" },
    ],
    [
      'smtp-failure',
      "All recipients refused: {'a@b': (550, b'5.1.1 no\\nsuch')}, msgid: <c@d>",
      {
        action: 'message-delivery-failed',
        'email.to.address': ['a@b'],
        'mailman.smtp.refused': 1,
        'mailman.smtp.code': '550',
        'error.message': '5.1.1 no\nsuch',
        'mailman.smtp.enhanced_code': '5.1.1',
        'email.message_id': 'c@d',
      },
    ],
    ['smtp-failure', 'SMTP AUTH error: (535, no)', { action: 'smtp-auth-failed', 'error.message': '(535, no)' }],
    ['error', 'No such list "X": e', { action: 'list-missing', 'mailman.list.name': 'x', 'error.message': 'e' }],
    [
      'error',
      'admin.py access for non-existent list: x',
      { action: 'list-missing', 'process.name': 'admin', 'mailman.list.name': 'x' },
    ],
    [
      'error',
      'Cannot connect to SMTP server localhost on port 25',
      { action: 'smtp-connect-failed', 'server.address': 'localhost', 'server.port': 25 },
    ],
    [
      'error',
      '*_these_nonmembers in dev references own list',
      { action: 'config-error', 'mailman.setting.name': '*_these_nonmembers', 'mailman.list.name': 'dev' },
    ],
    [
      'error',
      'accept_these_nonmembers in dev has bad regexp "^(": unbalanced parenthesis',
      {
        action: 'config-error',
        'mailman.setting.name': 'accept_these_nonmembers',
        'mailman.list.name': 'dev',
        'mailman.setting.value': '^(',
        'error.message': 'unbalanced parenthesis',
      },
    ],
    [
      'error',
      'broken template: /t/en/x.html\nunsupported format',
      { action: 'template-error', 'file.path': '/t/en/x.html', 'error.message': 'unsupported format' },
    ],
    ['error', 'external archiver non-zero exit status: 2\n', { action: 'archive-error', 'process.exit_code': 2 }],
    [
      'error',
      'multiple DMARC entries in results for _dmarc.example.org,\n                                processing each to be strict',
      { action: 'dns-lookup-failed', 'mailman.dmarc.domain': 'example.org' },
    ],
    [
      'error',
      'command failed: /usr/sbin/postalias x (status: 75, Not owner)',
      { action: 'mta-map-failed', 'process.exit_code': 75, 'error.message': 'Not owner' },
    ],
    ['error', 'Private archive file not found: /a b', { action: 'web-request-invalid', 'file.path': '/a b' }],
  ]
  for (const [log, text, fields] of cases) t.strictSame(fieldsOf(log, text), fields, text)
})

t.test('tracebacks', async t => {
  const of = (text: string) => {
    const { 'error.type': type, 'error.message': message, 'mailman.culprit': culprit } = fieldsOf('error', text)
    return [type, message, culprit]
  }
  const traceback = 'Traceback (most recent call last):\n'
  t.strictSame(of(`${traceback}  File "/x/Mailman/A.py", line 1, in f\n    y\nKeyError\n`), [
    'KeyError',
    undefined,
    'Mailman/A.py:f',
  ])
  t.strictSame(of(`${traceback}  File "/x/cron/gate", line 1, in ?\n    y\nsome.Error: a\nb: c\n`), [
    'some.Error',
    'a\nb: c',
    undefined,
  ])
  t.strictSame(
    of(
      `${traceback}  File "/x/Mailman/A.py", line 1, in f\nE: 1\n\nDuring handling of…:\n\n${traceback}  File "/x/Mailman/B.py", line 2, in g\nF: 2\n`,
    ),
    ['F', '2', 'Mailman/B.py:g'],
    'of chained exceptions the last one counts',
  )
  t.strictSame(of(`${traceback}  File "/x/Mailman/A.py`), [undefined, undefined, undefined], 'cut')
  t.strictSame(of(`Uncaught runner exception: \n${traceback}KeyError\n`), ['KeyError', undefined, undefined])
})

t.test('a crash dump says who asked for what, unless a stranger wrote that line too', async t => {
  const dump = (...variables: string[]) =>
    [
      '@@@@@@@@@@@@ ',
      'admin(1): [----- Traceback ------] ',
      'admin(1): Traceback (most recent call last):',
      'admin(1): KeyError: x',
    ].join('\n') + ['', '[----- Python Information -----] ', ...variables.map(variable => `\t${variable} `)].join('\nadmin(1): ')
  const of = (...variables: string[]) => {
    const { 'source.address': address, 'source.ip': ip, 'url.path': path } = fieldsOf('error', dump(...variables))
    return [address, ip, path]
  }
  t.strictSame(of('REMOTE_ADDR: 192.0.2.1', 'REQUEST_URI: /mailman/admin/x?y=z'), ['192.0.2.1', '192.0.2.1', '/mailman/admin/x'])
  t.strictSame(of('REMOTE_ADDR: unknown'), ['unknown', undefined, undefined], 'not every address is an IP')
  t.strictSame(of('REMOTE_ADDR: fe80::1%eth0'), ['fe80::1%eth0', undefined, undefined], 'nor can an ip field hold a zone')
  t.strictSame(of('REMOTE_ADDR: 192.0.2.1', 'REMOTE_ADDR: 203.0.113.9'), [undefined, undefined, undefined])
  t.match(fieldsOf('error', dump()), { action: 'web-request-crashed', 'error.type': 'KeyError', 'error.message': 'x' })
})
