/** What is made from the code: the vocabulary in README.md, and docs/coverage.md, which says how each template is proved. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

t.test('README.md and docs/coverage.md say what the code says, and every template has its proof', async t => {
  const script = fileURLToPath(new URL('support/docs.mjs', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'])
  t.equal(status, 0, stderr.toString())
})
