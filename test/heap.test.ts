/** The flag is V8's own and may go: Node says so on standard error, and goes on. (What it is worth: docs/performance.md.) */
import { spawnSync } from 'node:child_process'
import t from 'tap'

t.test('this V8 knows the flag', async t => {
  const module = new URL('../dist/src/heap.js', import.meta.url).href
  const script = `const { keepHeapSmall } = await import(${JSON.stringify(module)}); keepHeapSmall(); process.stdout.write('set')`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  t.equal(stderr, '')
  t.equal(stdout, 'set')
})
