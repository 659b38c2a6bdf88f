/**
 * F38: a power cut. No device here can forget what was not synced, so this is a model: a file system in memory, on which the real
 * checkpoint store writes, and which after a cut at any operation holds of what was not synced any choice: old bytes, a part,
 * zeros; each rename or not. Whatever it chose, the next start finds the last checkpoint that was said to be safe, or the one
 * that was on its way. (The model is shown to be one: without a sync, it finds what goes wrong.)
 */
import t, { type Test } from 'tap'
import type { Checkpoint, CheckpointStore } from '../../src/checkpoint/store.js'

interface Inode {
  synced: Buffer
  bytes: Buffer
}
type Entries = Map<string, Inode>
/** A change of the directory that is not on the disk for sure. */
type Change = (entries: Entries) => void

class PowerCut extends Error {}

class ModelDisk {
  /** Operations until the power is cut. */
  left = Number.POSITIVE_INFINITY
  /** Which sync does nothing: to see that the model notices. */
  broken: 'none' | 'file' | 'directory' = 'none'
  #now: Entries = new Map()
  #synced: Entries = new Map()
  #changes: Change[] = []

  /** A disk that was cut, as the next start finds it. */
  static of(files: ReadonlyMap<string, Buffer>): ModelDisk {
    const disk = new ModelDisk()
    for (const [path, bytes] of files) disk.#synced.set(path, { synced: bytes, bytes })
    disk.#now = new Map(disk.#synced)
    return disk
  }

  /** Every state of the disk that a cut now may leave, as far as the choices differ. */
  *remains(): Generator<Map<string, Buffer>> {
    for (let choice = 0; choice < 1 << this.#changes.length; choice++) {
      const entries = new Map(this.#synced)
      // Any subset, in their order: a file system that keeps them in order leaves some of these only.
      for (const [i, change] of this.#changes.entries()) if ((choice >> i) & 1) change(entries)
      for (const keep of ['nothing', 'half', 'zeros', 'all'])
        yield new Map([...entries].map(([path, inode]) => [path, survivor(inode, keep)]))
    }
  }

  /** What the store uses of `node:fs/promises`. */
  get fs(): object {
    return {
      open: async (path: string, flags: string) => this.#open(path, flags),
      stat: async () => ({ uid: 0, gid: 0 }),
      readFile: async (path: string) => this.#find(path).bytes.toString('utf8'),
      rename: async (from: string, to: string) => {
        this.#operate()
        const inode = this.#find(from)
        this.#change(entries => {
          entries.delete(from)
          entries.set(to, inode)
        })
      },
      unlink: async (path: string) => {
        this.#operate()
        this.#find(path)
        this.#change(entries => entries.delete(path))
      },
    }
  }

  #open(path: string, flags: string): object {
    this.#operate()
    if (flags === 'r') return { sync: async () => this.#syncDirectory(), close: async () => {} }
    let inode = this.#now.get(path)
    if (inode === undefined) {
      const made: Inode = { synced: Buffer.alloc(0), bytes: Buffer.alloc(0) }
      inode = made
      this.#change(entries => entries.set(path, made))
    }
    const file = inode
    file.bytes = Buffer.alloc(0) // O_TRUNC
    return {
      writeFile: async (text: string) => {
        this.#operate()
        file.bytes = Buffer.from(text)
      },
      sync: async () => {
        this.#operate()
        if (this.broken !== 'file') file.synced = file.bytes
      },
      close: async () => {},
    }
  }

  #syncDirectory(): void {
    this.#operate()
    if (this.broken === 'directory') return
    this.#synced = new Map(this.#now)
    this.#changes = []
  }

  #operate(): void {
    if (--this.left < 0) throw new PowerCut()
  }

  #change(change: Change): void {
    change(this.#now)
    this.#changes.push(change)
  }

  #find(path: string): Inode {
    const inode = this.#now.get(path)
    if (inode === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return inode
  }
}

function survivor({ synced, bytes }: Inode, keep: string): Buffer {
  if (keep === 'all' || bytes.equals(synced)) return bytes
  if (keep === 'half') return bytes.subarray(0, bytes.length >> 1)
  return keep === 'zeros' ? Buffer.alloc(bytes.length) : synced
}

/** The store, and what it writes with, over another file system. */
async function importStore(t: Test, fs: object): Promise<typeof import('../../src/checkpoint/store.js')> {
  const mocks = { 'node:fs/promises': fs }
  const wholeFile = await t.mockImport<object>('../../src/checkpoint/whole-file.js', mocks)
  return t.mockImport('../../src/checkpoint/store.js', { ...mocks, '../../src/checkpoint/whole-file.js': wholeFile })
}

async function storeOn(t: Test, disk: ModelDisk): Promise<CheckpointStore> {
  const { CheckpointStore: Store } = await importStore(t, disk.fs)
  return new Store('/state')
}

const numbered = (number: number): Checkpoint => ({ hostName: `${number}`, generations: [] })

/** Saves 1, 2, 3… until the power is cut behind so many operations; returns what was said to be safe, and whether it was cut. */
async function saveUntilCut(t: Test, disk: ModelDisk, operations: number): Promise<{ safe: number; cut: boolean }> {
  const store = await storeOn(t, disk)
  await store.load()
  disk.left = operations
  for (let number = 1; number <= 4; number++)
    try {
      await store.save(numbered(number))
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      return { safe: number - 1, cut: true }
    }
  return { safe: 4, cut: false }
}

/** The first thing that goes wrong at any cut, whatever is left of it; undefined: nothing does. */
async function findTrouble(t: Test, broken: ModelDisk['broken']): Promise<{ trouble: string | undefined; looked: number }> {
  let looked = 0
  // One module of the store for all: what it reads is put in its place.
  let files: ReadonlyMap<string, Buffer> = new Map()
  const reading = new ModelDisk()
  const fs = {
    ...reading.fs,
    readFile: (path: string) => (ModelDisk.of(files).fs as { readFile(path: string): unknown }).readFile(path),
  }
  const { CheckpointStore: Store } = await importStore(t, fs)
  for (let operations = 0; ; operations++) {
    const disk = new ModelDisk()
    disk.broken = broken
    const { safe, cut } = await saveUntilCut(t, disk, operations)
    for (files of disk.remains()) {
      looked++
      const { checkpoint } = await new Store('/state').load()
      const found = Number(checkpoint?.hostName ?? 0)
      if (found < safe || found > safe + 1) {
        const left = [...files].map(([path, bytes]) => `${path} ${bytes.length}`)
        return { trouble: `cut at ${operations}: ${safe} was safe, ${found} is found in ${left}`, looked }
      }
    }
    if (!cut) return { trouble: undefined, looked }
  }
}

t.test('cut at every operation, with any choice of what is forgotten', async t => {
  const { trouble, looked } = await findTrouble(t, 'none')
  t.equal(trouble, undefined)
  t.ok(looked > 100, `${looked} disks looked at`)
})

t.test('the model sees what would go wrong without', async t => {
  t.match((await findTrouble(t, 'file')).trouble, /was safe/, 'the sync of the file')
  t.match((await findTrouble(t, 'directory')).trouble, /was safe/, 'the sync of the directory')
})
