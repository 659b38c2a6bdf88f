/** What happens to Mailman's own programs, files and settings. */
import { type Action, error, info, processEnd, processInfo, processStart } from './_action.js'

export const programActions = {
  'error-raised': error(
    'Mailman met an exception or said that something is wrong.',
    'Queue/Runner.py and many; 3: core/runner.py and many',
    'Tell the site’s admin; the event holds the stack.',
  ),
  'message-shunted': error(
    'A message that could not be processed was put aside in the shunt queue.',
    'Queue/Runner.py; 3: core/runner.py',
    'Ask the site’s admin to run `bin/unshunt` (3: `mailman unshunt`) once the cause is mended.',
  ),
  'message-shunt-failed': error(
    'A message could not even be shunted; its queue file was kept.',
    'Queue/Runner.py; 3: core/runner.py',
    'Tell the site’s admin: disk or permissions.',
  ),
  'message-unparseable': error(
    'A queue file could not be read as a message.',
    'Queue/Runner.py, Queue/Switchboard.py; 3: core/runner.py',
    'Nothing; mostly spam. The file is kept in the shunt queue or as `.psv`.',
  ),
  'queue-file-preserved': error(
    'A message was kept aside in a queue file: Mailman crashed on it too often, or (3) the content filter is told to keep what it takes.',
    'Queue/Switchboard.py; 3: core/switchboard.py, handlers/mime_delete.py',
    'Ask the site’s admin for it if it is wanted: it is in a `.psv` file, or (3) in the queue `bad`.',
  ),
  'queue-error': error(
    'Mailman could not do with a queue file what it should.',
    'Queue/Switchboard.py, Queue/MaildirRunner.py; 3: core/switchboard.py',
    'Tell the site’s admin: disk or permissions.',
  ),
  'runner-interrupted': info(
    'A runner was stopped in the middle of a message, which is then shunted.',
    '–; 3: core/runner.py',
    'Ask the site’s admin to run `mailman unshunt` after the restart.',
  ),
  'list-missing': error(
    'Mail or a web request named a list that does not exist.',
    'Queue/Runner.py, Cgi/, scripts/; 3: core/runner.py',
    'Nothing, unless the list should exist: then an alias or link is wrong.',
  ),
  'config-error': error(
    'A list or site setting is wrong and was ignored.',
    'Handlers/, Utils.py, Gui/; 3: rules/, chains/',
    'Correct the setting that the event names.',
  ),
  'list-config-corrupt': error(
    "A list's configuration file could not be read or written.",
    'MailList.py; –',
    'Tell the site’s admin at once: `config.pck` or the disk is damaged.',
  ),
  'handler-error': error(
    'A step of the processing of a message went wrong.',
    'Handlers/; 3: handlers/',
    'Tell the site’s admin if posts look wrong.',
  ),
  'digest-failed': error('A digest could not be sent.', 'Handlers/ToDigest.py, cron/senddigests; –', 'Tell the site’s admin.'),
  'archive-error': error(
    'A message could not be archived.',
    'Archiver/; 3: runners/archive.py, archiving/',
    'Tell the site’s admin: posts are delivered, but missing in the archive.',
  ),
  'template-error': error(
    'A text for notices could not be fetched or filled in.',
    'Utils.py; 3: utilities/i18n.py, model/template.py',
    'Correct the template’s address or file.',
  ),
  'mta-map-failed': error(
    "The mail server's table of list addresses could not be rebuilt.",
    'MTA/Postfix.py; 3: mta/postfix.py',
    'Tell the site’s admin: mail to new lists is refused until it works.',
  ),
  'dns-lookup-failed': error(
    'A DNS look-up for DMARC failed.',
    'Utils.py; 3: rules/dmarc.py',
    'Nothing for one; for many, tell the site’s admin.',
  ),
  'nntp-error': error(
    'The Usenet server refused an article or could not be reached.',
    'Queue/NewsRunner.py; 3: runners/nntp.py',
    'Look at the list’s gateway settings.',
  ),
  'script-reported': error(
    'A program of Mailman wrote something to its standard error.',
    'scripts/, bin/, cron/; –',
    'Tell the site’s admin if it comes again.',
  ),
  'runner-error': error(
    'A runner, or the program that starts them, said that something is wrong.',
    'bin/mailmanctl, bin/qrunner; 3: bin/master.py',
    'Tell the site’s admin: a queue may stand still.',
  ),
  'runner-started': processStart('A runner works on its queue.', 'bin/qrunner; 3: bin/runner.py', 'Nothing.'),
  'runner-stopped': processEnd('A runner ended.', 'bin/qrunner; 3: bin/runner.py', 'Nothing, if it was to.'),
  'runner-signal': processInfo(
    'A runner was told to stop or to open its logs again.',
    'bin/qrunner; 3: core/runner.py',
    'Nothing.',
  ),
  'runner-exited': processEnd(
    'The master saw a runner end and did not start it again.',
    'bin/mailmanctl; 3: bin/master.py',
    'If Mailman was not being stopped, tell the site’s admin.',
  ),
  'runner-restarted': processInfo(
    'The master saw a runner end and started it again.',
    'bin/mailmanctl; 3: bin/master.py',
    'Look at the errors before it: it may have crashed.',
  ),
  'runner-restart-limit': error(
    'A runner crashed so often that it is not started any more: its queue stands still.',
    'bin/mailmanctl; 3: bin/master.py',
    'Tell the site’s admin at once.',
  ),
  'master-started': processStart('Mailman was started.', '–; 3: bin/master.py', 'Look whether new errors follow.'),
  'master-stopped': processEnd('Mailman was stopped.', '–; 3: bin/master.py', 'If it was not to be, tell the site’s admin.'),
  'master-signal': processInfo(
    'Mailman was told to stop, to restart, or to open its logs again.',
    'bin/mailmanctl; 3: bin/master.py',
    'After a restart, look whether holds or errors rise: settings may have changed.',
  ),
  'lock-broken': error(
    'A lock was older than it may be and was broken, or its file was not as Mailman left it.',
    'LockFile.py; 3: flufl.lock',
    'Tell the site’s admin if it comes again: a process hangs or died.',
  ),
  'lock-error': error(
    'A lock could not be taken, refreshed or broken.',
    '–; 3: flufl.lock',
    'Tell the site’s admin if it comes again: a process hangs, or permissions are wrong.',
  ),
  'lock-traced': info(
    'A step of taking or giving back a lock.',
    'LockFile.py; 3: flufl.lock',
    'Nothing; it is only for tracing.',
  ),
  'task-run': processInfo('Mailman cleaned up what had expired.', '–; 3: runners/task.py', 'Nothing.'),
  'api-server-reported': processInfo(
    'The server of the REST API started, stopped, or said something.',
    '–; 3: gunicorn',
    'Nothing.',
  ),
  'database-reported': info('The database layer said something.', '–; 3: sqlalchemy, alembic', 'Nothing, unless it is an error.'),
  'debug-traced': info('A line for tracing.', '–; 3: many', 'Nothing.'),
} as const satisfies Record<string, Action>
