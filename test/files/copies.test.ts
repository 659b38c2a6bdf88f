/** What is taken for a copy, and is left alone: nothing of which a byte is not in the original. */
import { appendFileSync, copyFileSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { Generations } from '../../src/files/generations.js'
import type { SavedGeneration } from '../../src/model.js'
import { LogStory, numberedLine } from '../support/log-story.js'

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => numberedLine(from + index)).join('')

class Site {
  readonly generations: Generations
  readonly live: string
  readonly packed: string
  readonly copy: string
  /** What happens in the middle of the next look: the clock is asked for each file that has just lost its name. */
  meanwhile = (): void => {}
  /** What happens between the listing of the directory and the first look at a log in it. */
  listed = (): void => {}
  #times = 0

  constructor(t: Test, saved: readonly SavedGeneration[] = []) {
    const directory = t.testdir({})
    this.live = `${directory}/vette`
    this.copy = `${directory}/vette.1`
    this.packed = `${directory}/vette.1.gz`
    const monotonic = (): number => {
      this.meanwhile()
      return this.#times++
    }
    // Of a name that is no known log's, and sorts first, it is asked whether it is configured.
    writeFileSync(`${directory}/0`, '')
    const names = new Set<string>()
    names.has = () => {
      this.listed()
      this.listed = () => {}
      return false
    }
    this.generations = new Generations([directory], names, saved, { now: () => Date.now(), monotonic })
    t.teardown(() => this.generations.close())
  }

  /** Writes the live file anew, as after copytruncate. */
  begin(text: string): void {
    truncateSync(this.live)
    appendFileSync(this.live, text)
  }

  /** One look, and all of what is to be read then: path → text. */
  async read(): Promise<Map<string, string>> {
    await this.generations.look()
    const texts = new Map<string, string>()
    for (const generation of this.generations.all)
      for (let text = await generation.read(); text !== undefined && text !== ''; text = await generation.read())
        texts.set(generation.path, (texts.get(generation.path) ?? '') + text)
    return texts
  }
}

t.test('F08: what was read is the first byte; copied, packed, cut, and the same byte is written anew', async t => {
  const site = new Site(t)
  writeFileSync(site.live, 'N')
  t.same(await site.read(), new Map([[site.live, 'N']]))
  const text = lines(0, 100)
  writeFileSync(site.packed, gzipSync(text))
  site.begin('N')
  t.same(await site.read(), new Map([[site.packed, text]]), 'the .gz is read')
  appendFileSync(site.live, lines(100, 101).slice(1))
  t.same(await site.read(), new Map([[site.live, lines(100, 101).slice(1)]]), 'and the new file goes on')
})

for (const more of ['', lines(100, 101), lines(100, 300)])
  t.test(
    `F08: the original is cut between the look at the directory and that into its copy; ${more.length} new bytes`,
    async t => {
      const site = new Site(t)
      const other = `${site.live.slice(0, -'vette'.length)}error`
      writeFileSync(site.live, lines(0, 100))
      writeFileSync(other, lines(0, 1))
      await site.read()
      copyFileSync(site.live, site.copy)
      unlinkSync(other)
      site.meanwhile = () => {
        site.begin(more)
        site.meanwhile = () => {}
      }
      const news = more === '' ? [] : [[site.live, more]]
      t.same([...(await site.read()), ...(await site.read()), ...(await site.read())], news, 'nothing is read twice')
      t.same(site.generations.all.filter(({ state }) => state === 'present').length, news.length + 1)
    },
  )

t.test('F08: copied and cut after the directory was listed: the old lines are read, and first', async t => {
  const site = new Site(t)
  writeFileSync(site.live, lines(0, 100))
  await site.read()
  appendFileSync(site.live, lines(100, 200))
  site.listed = () => {
    copyFileSync(site.live, site.copy)
    site.begin(lines(200, 250))
  }
  const news = await site.read()
  t.same([...news.keys()], [site.copy, site.live])
  t.same([...news.values()], [lines(100, 200), lines(200, 250)])
  t.same((await site.generations.look()).lost, [])
  appendFileSync(site.live, lines(250, 300))
  site.listed = () => {
    unlinkSync(site.copy)
    writeFileSync(site.packed, gzipSync(readFileSync(site.live)))
    site.begin(lines(300, 301))
  }
  const packedNews = await site.read()
  t.same([...packedNews.keys()], [site.packed, site.live])
  t.same([...packedNews.values()], [lines(250, 300), lines(300, 301)])
})

for (const kind of ['plain', 'packed'] as const)
  t.test(`F08: a ${kind} copy that was known, before the original was cut with its lines unread`, async t => {
    const site = new Site(t)
    writeFileSync(site.live, 'N')
    await site.read()
    const text = lines(0, 100)
    site.begin(text)
    if (kind === 'plain') copyFileSync(site.live, site.copy)
    else writeFileSync(site.packed, gzipSync(text))
    await site.generations.look()
    t.equal(site.generations.all.length, 1, 'it is a copy')
    site.begin('N')
    t.same(
      await site.read(),
      new Map([[kind === 'plain' ? site.copy : site.packed, text]]),
      'it is read when the original is gone',
    )
  })

t.test('a .gz that holds what the live file holds is a copy, until the live file is cut', async t => {
  const site = new Site(t)
  const text = lines(0, 1_000)
  writeFileSync(site.live, text)
  t.same(await site.read(), new Map([[site.live, text]]))
  writeFileSync(site.packed, gzipSync(text))
  t.same(await site.read(), new Map(), 'not read again')
  appendFileSync(site.live, lines(1_000, 1_001))
  t.same(await site.read(), new Map([[site.live, lines(1_000, 1_001)]]))
  t.equal(site.generations.all.length, 1)
})

t.test('a .gz with more than the original has', async t => {
  const site = new Site(t)
  writeFileSync(site.live, lines(0, 10))
  await site.read()
  writeFileSync(site.packed, gzipSync(lines(0, 20)))
  t.same(await site.read(), new Map([[site.packed, lines(0, 20)]]), 'wrong guesses cost work only: the ids are the same')
})

t.test('a .gz that is not whole, beside its original: it is waited for', async t => {
  const site = new Site(t)
  const text = lines(0, 3_000)
  const packed = gzipSync(text)
  writeFileSync(site.live, text)
  await site.read()
  writeFileSync(site.packed, packed.subarray(0, -20))
  for (let look = 0; look < 3; look++) t.same((await site.generations.look()).blocked, [], 'on its way')
  t.equal(site.generations.all.length, 1)
  appendFileSync(site.packed, packed.subarray(-20))
  t.same(await site.read(), new Map())
  t.equal(site.generations.all.length, 1, 'a copy')
})

t.test('the inode of a copy that is gone, in another file: it is no copy of what the old one was', async t => {
  const site = new Site(t)
  writeFileSync(site.live, lines(0, 10))
  await site.read()
  copyFileSync(site.live, site.copy)
  t.same(await site.read(), new Map())
  appendFileSync(site.live, lines(10, 12)) // written between the copying and the cutting
  await site.read()
  site.begin('')
  t.same(await site.read(), new Map(), 'the copy holds nothing new')
  // As a file with this inode; what it was before is gone.
  writeFileSync(site.copy, lines(20, 25))
  t.same(await site.read(), new Map([[site.copy, lines(20, 25)]]))
})

t.test('a copy that was made while the agent ran, found again after a restart: the live file is the original', async t => {
  const story = new LogStory(t)
  story.write(50)
  story.start()
  await story.ships()
  await story.stop()
  writeFileSync(story.path('vette.1'), readFileSync(story.path()))
  story.write(5)
  story.start()
  await story.shipsExactly()
  unlinkSync(story.path('vette.1'))
  story.write(5)
  await story.shipsExactly()
  await story.stop()
  t.same(story.troubles, [])
})
