import t from 'tap'
import { Signer } from '../../../src/web/ask/link.js'

const signer = new Signer('k'.repeat(40))
const nowMs = Date.UTC(2024, 2, 1)
const grant = { list: 'announce', domain: 'lists.example.org', endsS: nowMs / 1000 + 10 }
const token = signer.sign('mail', grant)
const [version, ends, named, mark] = token.split('.') as [string, string, string, string]
const base64 = (text: string) => Buffer.from(text).toString('base64url')

t.test('what was signed is read, up to its end', async t => {
  t.strictSame(signer.read('mail', token, nowMs), grant)
  t.strictSame(new Signer('k'.repeat(40)).read('mail', token, nowMs), grant, 'after a restart')
  t.equal(signer.read('mail', token, nowMs + 9_999)?.list, 'announce')
  t.equal(signer.read('mail', token, nowMs + 10_000), undefined)
  t.match(token, /^[\w.-]+$/)
})

t.test('another key, another purpose, anything else', async t => {
  t.equal(new Signer('k'.repeat(41)).read('mail', token, nowMs), undefined)
  t.equal(signer.read('cookie', token, nowMs), undefined)
  const forged = [
    '',
    '.',
    mark,
    `2.${ends}.${named}.${mark}`,
    `${version}.${Number(ends) + 86_400}.${named}.${mark}`,
    `${version}.0${ends}.${named}.${mark}`,
    `${version}.${ends}.${base64('devel lists.example.org')}.${mark}`,
    `${version}.${ends}.${base64('announce@evil.example')}.${mark}`,
    `${version}.${ends}.${named}=.${mark}`,
    `${version}.${ends}.${named}.`,
    `${version}.${ends}.${named}.${mark.slice(0, -1)}`,
    `${version}.${ends}.${named}.${'A'.repeat(43)}`,
    ` ${token}`,
    `${token}\n`,
    `${token}${token}`,
    token.toUpperCase(),
    `${token.slice(0, 20)}Ｋ${token.slice(21)}`,
    'a'.repeat(100_000),
  ]
  for (const text of forged) t.equal(signer.read('mail', text, nowMs), undefined, text.slice(0, 100))
  // Every single character counts: the last one too, of which base64 does not use all bits.
  for (let i = 0; i < token.length; i++)
    for (const other of ['A', 'B', '0', '1', '_', '.'])
      if (other !== token[i])
        t.equal(signer.read('mail', token.slice(0, i) + other + token.slice(i + 1), nowMs), undefined, `${i} ${other}`)
})
