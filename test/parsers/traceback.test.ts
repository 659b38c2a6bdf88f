import t from 'tap'
import { culpritOfStack, readRaised } from '../../parsers/_traceback.js'

t.test('the culprit is the innermost frame of Mailman’s own', async t => {
  const cases: [frames: string[], culprit: string | undefined][] = [
    [['/usr/lib/mailman/Mailman/Queue/Runner.py', '/usr/lib/python2.7/email/header.py'], 'Mailman/Queue/Runner.py:f'],
    [['/usr/lib/python3/dist-packages/mailman/core/runner.py', '/usr/lib/python3.11/smtplib.py'], 'mailman/core/runner.py:f'],
    [
      [
        '/opt/mailman/lib/python3.11/site-packages/mailman/core/runner.py',
        '/opt/mailman/lib/python3.11/site-packages/falcon/app.py',
      ],
      'mailman/core/runner.py:f',
    ],
    [
      [
        '/opt/mailman/lib/python3.11/site-packages/mailman/runners/archive.py',
        '/opt/mailman/lib/python3.11/site-packages/mailman_hyperkitty/__init__.py',
      ],
      'mailman_hyperkitty/__init__.py:f',
    ],
    [['/opt/mailman/lib/python3.11/site-packages/mailmanclient/client.py'], undefined],
    [['<frozen posixpath>'], undefined],
    [[], undefined],
  ]
  for (const [frames, culprit] of cases) {
    const lines = frames.flatMap(file => [`  File "${file}", line 1, in f`, '    x()', '    ^^^'])
    t.equal(readRaised([...lines, 'ValueError: x']).culprit, culprit)
    t.equal(culpritOfStack(lines.join('\n')), culprit)
  }
})

t.test('of chained exceptions the last one counts', async t => {
  const first = ['  File "/x/site-packages/mailman/a.py", line 1, in f', '    x()', 'KeyError: 1', '']
  const last = ['', 'Traceback (most recent call last):', '  File "/x/site-packages/mailman/b.py", line 2, in g', '    y()']
  for (const between of [
    'During handling of the above exception, another exception occurred:',
    'The above exception was the direct cause of the following exception:',
  ])
    t.strictSame(readRaised([...first, between, ...last, 'a.b.ValueError: one', 'two', '']), {
      type: 'a.b.ValueError',
      message: 'one\ntwo',
      culprit: 'mailman/b.py:g',
    })
})
