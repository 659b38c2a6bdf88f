/** `run` reads its arguments without yargs where they are plainly right; of all else yargs tells. */
import t from 'tap'
import { readRunArguments } from '../../src/commands/run-arguments.js'

t.test('what is plainly right', async t => {
  t.same(readRunArguments([]), { once: false, logLevel: 'info' })
  t.same(readRunArguments(['--once']), { once: true, logLevel: 'info' })
  t.same(readRunArguments(['--config', 'a.yaml', '--log-level=warn']), { once: false, logLevel: 'warn', config: 'a.yaml' })
  t.same(readRunArguments(['--log-level', 'silent', '--once', '--config=b=c.yaml']), {
    once: true,
    logLevel: 'silent',
    config: 'b=c.yaml',
  })
})

t.test('what yargs is to read, or to refuse', async t => {
  for (const given of [
    ['--help'],
    ['-h'],
    ['--version'],
    ['--onec'],
    ['--once', 'true'],
    ['--once=false'],
    ['--no-once'],
    ['--logLevel', 'warn'],
    ['--log-level', 'loud'],
    ['--log-level'],
    ['--config'],
    ['--config='],
    ['--config', '--once'],
    ['--config', 'a', '--config', 'b'],
    ['--config=a', '--config=b'],
    ['--once', '--once'],
    ['here'],
    ['--', '--once'],
    ['--', 'x'],
  ])
    t.equal(readRunArguments(given), undefined, given.join(' '))
})
