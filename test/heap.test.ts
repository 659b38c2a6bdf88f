/** The flags are V8's own and may go: Node says so on standard error, and goes on. (What they are worth: docs/performance.md.) */
import { spawnSync } from 'node:child_process'
import t from 'tap'

const module = new URL('../dist/src/heap.js', import.meta.url).href

function run(script: string): { stdout: string; stderr: string } {
  const whole = `const heap = await import(${JSON.stringify(module)}); ${script}`
  return spawnSync(process.execPath, ['--input-type=module', '-e', whole], { encoding: 'utf8' })
}

t.test('this V8 knows the flags', async t => {
  const { stdout, stderr } = run(
    `heap.keepHeapSmall(); heap.holdYoungGeneration(true); const pace = new heap.HeapPace(() => {}); for (let i = 0; i < 5; i++) pace.tick(1); process.stdout.write('set')`,
  )
  t.equal(stderr, '')
  t.equal(stdout, 'set')
})

// By itself it would grow to 32 MB and more here.
t.test('the young generation is held at 8 MB, whatever is made', async t => {
  const { stdout } = run(`
    const { getHeapSpaceStatistics } = await import('node:v8')
    heap.holdYoungGeneration(true)
    let kept = []
    for (let i = 0; i < 3e6; i++) {
      kept.push({ i, text: 'x' + i })
      if (kept.length > 20_000) kept = []
    }
    process.stdout.write(String(getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size / 2 ** 20))`)
  t.equal(stdout, '8')
})

t.test('what was made is given back when it is quiet, once', async t => {
  const { stdout } = run(`
    const { getHeapStatistics } = await import('node:v8')
    const megabytes = () => getHeapStatistics().used_heap_size / 2 ** 20
    const pace = new heap.HeapPace(() => {})
    const make = () => Array.from({ length: 300_000 }, (_, index) => ({ index })).length
    const seen = []
    const look = name => seen.push(name + ' ' + (megabytes() < 8 ? 'small' : 'large'))
    make()
    look('made')
    for (let tick = 0; tick < 5; tick++) pace.tick(0)
    look('quiet')
    make()
    for (let tick = 0; tick < 5; tick++) pace.tick(10)
    look('a few events came')
    pace.tick(5_000)
    for (let tick = 0; tick < 5; tick++) pace.tick(5_000)
    look('many came')
    process.stdout.write(seen.join(', '))`)
  t.equal(stdout, 'made large, quiet small, a few events came large, many came small')
})
