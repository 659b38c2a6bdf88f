import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createStoreOutput } from '../../src/store/output.js'
import { batchOf, ordinaryEvents } from '../support/documents.js'

const never = new AbortController().signal

t.test('stores a batch, once', async t => {
  const file = join(t.testdir(), 'made/too/events.db')
  const output = createStoreOutput({ file, keepDays: 90 })
  t.teardown(() => output.close())
  const batch = batchOf(ordinaryEvents(0, 3))
  t.strictSame(await output.write(batch, never), { outcomes: Array(3).fill({ status: 'stored' }) })
  t.strictSame(await output.write(batch, never), { outcomes: Array(3).fill({ status: 'duplicate' }) })
  for (const end of ['', '-wal', '-shm']) t.equal(statSync(file + end).mode & 0o777, 0o600, `nobody else reads ${end}`)
  t.equal(statSync(join(file, '..')).mode & 0o777, 0o700)
})
