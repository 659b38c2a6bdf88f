// The manual page, from what the commands say of themselves.

/** Text that roff takes as it is. */
const plain = text =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/[^\t\n -~]/gu, character => `\\[u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^\./gm, '\\&.')
const bold = text => `\\fB${plain(text)}\\fR`
const paragraphs = text =>
  text
    .split(/\n{2,}/)
    .map(paragraph => paragraph.split('\n').map(plain).join('\n.br\n'))
    .join('\n.P\n')
const item = (term, text) => `.TP\n${term}\n${paragraphs(text)}`

function option({ name, isArgument, type, describe, choices, default: usual }) {
  const term = isArgument
    ? `\\fI${plain(name)}\\fR`
    : bold(`--${name}`) + (type === 'boolean' ? '' : ` \\fI${type ?? 'value'}\\fR`)
  const told = [
    describe ?? '',
    choices === undefined ? '' : `One of ${choices.join(', ')}.`,
    usual === undefined || type === 'boolean' || Array.isArray(usual) ? '' : `Default: ${usual}.`,
  ].filter(text => text !== '')
  return item(term, told.map(text => (/[.…:]$/.test(text) ? text : `${text}.`)).join(' '))
}

const section = command =>
  [
    `.SS mailman\\-shipper ${plain(command.words)}`,
    `${plain(command.describe)}.`,
    ...command.options.map(option),
    ...command.examples.map(({ line, about }) => item(`Example: ${bold(line)}`, about ?? '')),
    ...command.notes.map(text => `.P\n${paragraphs(text)}`),
    ...command.below.map(section),
  ].join('\n')

const files = [
  ['/etc/mailman-shipper/config.yaml', 'The configuration; every option has a default.'],
  ['/etc/mailman-shipper/api-key', 'The key of Elasticsearch, written by setup; root’s, 0600.'],
  ['/var/lib/mailman-shipper/', 'Where the agent is in each log, what was refused, and its own store of events.'],
  ['~/.config/mailman-shipper/config.yaml', 'A person’s own configuration for search, trace, why and report.'],
  [
    '/etc/systemd/system/mailman-shipper.service.d/',
    'What this host changes in the unit; README: systemd.md beside the documents.',
  ],
]
const exits = [
  ['0', 'Done.'],
  ['1', 'The work could not be done.'],
  ['2', 'The command line or the configuration is not right; it is said what.'],
  ['3', 'The agent refused to start: what it would do there could lose or repeat events.'],
  ['4', 'The output does not take events.'],
]
const examples = [
  ['mailman-shipper check', 'Whether the agent would work here.'],
  ['systemctl start mailman-shipper', 'Start the agent; it starts with the host from then on.'],
  ['mailman-shipper status', 'Where it is in each log, and what holds it up.'],
]

/** @param epoch seconds */
export function manual(commands, version, epoch) {
  const date = new Date(epoch * 1000).toISOString().slice(0, 10)
  return `.TH MAILMAN\\-SHIPPER 1 ${date} "mailman\\-shipper ${plain(version)}" "User Commands"
.SH NAME
mailman\\-shipper \\- ships GNU Mailman\\(aqs logs as events that answer questions
.SH SYNOPSIS
.B mailman\\-shipper
.I command
.RI [ options ]
.SH DESCRIPTION
Follows the logs of GNU Mailman 2.1 and 3 and ships each record as an event, to Elasticsearch or to a store of its own; finds out why
mail is held, and tells people when it is. It reads the logs and writes to none of them.
.SH COMMANDS
${commands.map(section).join('\n')}
.SH OPTIONS
${item(`${bold('--config')} \\fIfile\\fR`, 'The configuration; default /etc/mailman-shipper/config.yaml.')}
${item(bold('--version'), 'The version.')}
${item(bold('--help'), 'What the command does, with its options.')}
.SH FILES
${files.map(([path, about]) => item(`\\fI${plain(path)}\\fR`, about)).join('\n')}
.SH EXIT STATUS
${exits.map(([code, about]) => item(bold(code), about)).join('\n')}
.P
Where a command has others, its text above says so.
.SH EXAMPLES
${examples.map(([line, about]) => item(bold(line), about)).join('\n')}
`
}
