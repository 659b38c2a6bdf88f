/** A file that is missed while it is not open: it may be on its way to another name. */
import { renameSync, unlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { Generations } from '../../src/files/generations.js'
import { numberedLine } from '../support/log-story.js'

t.test('lost is what two looks miss', async t => {
  const directory = t.testdir({})
  const path = `${directory}/vette`
  const generations = new Generations([directory], new Set(), [], { now: () => Date.now(), monotonic: () => 0 })
  t.teardown(() => generations.close())
  writeFileSync(path, numberedLine(0))
  await generations.look()
  const [generation] = generations.all
  await generation!.close()
  // As where a directory is listed before a file gets its new name, and looked at after that.
  renameSync(path, `${directory}/hidden`)
  t.same((await generations.look()).lost, [], 'it may come back')
  renameSync(`${directory}/hidden`, `${path}.1`)
  t.same((await generations.look()).lost, [])
  t.match(generation, { state: 'present', path: `${path}.1` })
  await generation!.close()
  unlinkSync(`${path}.1`)
  t.same((await generations.look()).lost, [])
  t.same((await generations.look()).lost, [{ path: `${path}.1`, from: 0, to: numberedLine(0).length }], 'told once')
  t.same((await generations.look()).lost, [])
})
