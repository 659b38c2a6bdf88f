/** Files of this machine's disks are asked directly, others by the thread pool: both answer alike. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openFile } from '../../src/files/local.js'

const idOf = (path: string): string => {
  const { dev, ino } = lstatSync(path, { bigint: true })
  return `${dev}:${ino}`
}
const open = (path: string) => openFile(path, constants.O_RDONLY | constants.O_NONBLOCK, idOf(path))

async function beginning(path: string): Promise<string> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(64)
    const { bytesRead } = await file.read(buffer, 0, 16, 0)
    const { dev, ino } = await file.stat({ bigint: true })
    if (`${dev}:${ino}` !== idOf(path)) throw new Error('another file')
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

t.test('a file of a disk, one of a file system that is none', async t => {
  const path = join(t.testdir({ post: 'May 19 18:00:00 2015 (7) post' }), 'post')
  t.equal(await beginning(path), 'May 19 18:00:00 ')
  const version = '/proc/version'
  t.equal(await beginning(version), readFileSync(version, 'latin1').slice(0, 16))
})

t.test('what is not there is an error that is awaited, as by the thread pool', async t => {
  const directory = t.testdir({ post: '' })
  const id = idOf(join(directory, 'post'))
  await open(join(directory, 'post')).then(file => file.close())
  const opening = openFile(join(directory, 'gone'), constants.O_RDONLY, id)
  await t.rejects(opening, { code: 'ENOENT', syscall: 'open' })
})

t.test('a file that is closed stays closed, whatever has its number now', async t => {
  const directory = t.testdir({ post: 'one' })
  const file = await open(join(directory, 'post'))
  await file.close()
  const other = join(directory, 'other')
  writeFileSync(other, 'two')
  const number = openSync(other, 'r')
  await file.close()
  t.equal(fstatSync(number).size, 3, 'closed twice: the other one is open still')
  await t.rejects(file.read(Buffer.alloc(3), 0, 3, 0), { code: 'EBADF' })
  await t.rejects(file.stat({ bigint: true }), { code: 'EBADF' })
  closeSync(number)
})

t.test('others have their turn while a file is read', async t => {
  const file = await open(join(t.testdir({ post: 'one' }), 'post'))
  let turns = 0
  const count = (): void => {
    turns++
    if (turns < 20) setImmediate(count)
  }
  setImmediate(count)
  for (let reads = 0; reads < 10; reads++) await file.read(Buffer.alloc(3), 0, 3, 0)
  t.ok(turns >= 9, `${turns} turns`)
  await file.close()
})
