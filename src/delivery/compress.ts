/**
 * Bodies of requests, compressed by zlib's first level. For a million events (1.06 GB of the benchmark's documents, Node 20)
 * CPU-seconds and bytes an event: level 1 takes 1.7 and leaves 74, level 3 1.9 and 70, level 6 4.8 and 61; a smaller window costs
 * more and leaves more. Elasticsearch takes no other format than gzip and deflate.
 */
import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'

const inThread = promisify(gzip)

const LEVEL = 1
/** Up to this, another thread takes longer to be asked and to answer (some 50 µs) than the work does, which is less than 0.1 ms. */
const SMALL_BYTES = 65_536
/** Room for what comes out of a full batch: zlib comes back for more as often as this is full. */
const CHUNK_BYTES = 65_536

export const compress = async (body: Buffer): Promise<Buffer> =>
  body.length <= SMALL_BYTES ? gzipSync(body, { level: LEVEL }) : inThread(body, { level: LEVEL, chunkSize: CHUNK_BYTES })
