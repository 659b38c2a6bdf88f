import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { compress } from '../../src/delivery/compress.js'

t.test('what was compressed comes out again, in this thread or another', async t => {
  for (const bytes of [0, 1, 65_536, 65_537, 1_000_000]) {
    // Letters in no order: more comes out than zlib is given room for at once.
    const body = Buffer.from(Array.from({ length: bytes }, (_, i) => 97 + (((i * 2_654_435_761) >>> 7) % 26)))
    t.ok(gunzipSync(await compress(body)).equals(body), `${bytes} bytes`)
  }
})
