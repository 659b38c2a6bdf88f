/** A host of lists: their names, sizes and shares of the traffic by a heavy-tailed law, and the people who write to them. */

const topics =
  'wiki commons source books news quote species data media meta labs ops research design language tools bots mobile apps search maps events gender legal grants board chapters press education library glam science medicine travel music film sports history physics chemistry maths gaming android backup storage network security analytics fundraising translators volunteers'.split(
    ' ',
  )
const kinds = '-l -announce -dev -users -bugs -commits -private -test -admins -de -fr -es -ja -internal'.split(' ')
const names =
  'ann bob carol dave erin frank grace heidi ivan judy kurt lena mallory nina oscar peggy quentin rupert sybil trent'.split(' ')
const domains = 'example.org example.net example.com mail.example.org uni.example.edu corp.example.com'.split(' ')
const bulkDomains = 'bulk.example.net offers.example.com promo.example.org'.split(' ')

/** @param random 0 to 1, seeded */
export function makeHost(count, random) {
  const lists = []
  let total = 0
  for (let i = 0; i < count; i++) {
    const n = Math.floor(i / topics.length)
    const name = `${topics[i % topics.length]}${kinds[n] ?? `-${n}`}`
    // The busiest list gets a tenth of all posts, half of the lists together less than that.
    total += 1 / (i + 4) ** 1.15
    const size = Math.max(3, Math.round(Math.exp(2.5 + 1.4 * gauss(random)) * (1 + 400 / (i + 10))))
    lists.push({ name, display: name[0].toUpperCase() + name.slice(1), size, upTo: total, index: i })
  }
  return {
    lists,
    /** A list, as often as it gets posts. */
    busyList: () => lists[find(lists, random() * total)],
    anyList: () => lists[Math.floor(random() * count)],
    /** Few members write most. */
    member: list => address(mix(list.index, Math.floor(list.size * random() ** 3))),
    stranger: () => address(1_000_000 + Math.floor(random() * 4e6)),
    spammer: () => `${names[Math.floor(random() * 20)]}${Math.floor(random() * 1e6)}@${bulkDomains[Math.floor(random() * 3)]}`,
  }
}

function find(lists, place) {
  let low = 0
  let high = lists.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (lists[middle].upTo < place) low = middle + 1
    else high = middle
  }
  return low
}

const address = id => `${names[id % 20]}${id}@${domains[Math.floor(id / 20) % 6]}`

/** Who the k-th member of a list is: the same person is on several lists. */
const mix = (list, k) => (Math.imul(list + 1, 2654435761) ^ Math.imul(k + 1, 40503)) >>> 13

function gauss(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** How many events come where `mean` are expected. */
export function poisson(mean, random) {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss(random)))
  const limit = Math.exp(-mean)
  let n = 0
  for (let p = random(); p > limit; p *= random()) n++
  return n
}
