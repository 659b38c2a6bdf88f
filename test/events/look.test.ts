import t from 'tap'
import { lookAt, PLAIN, SUSPICIOUS } from '../../src/events/look.js'

const isPlain = (text: string): boolean => (lookAt(text).traits & PLAIN) !== 0
const isSuspicious = (text: string): boolean => (lookAt(text).traits & SUSPICIOUS) !== 0

t.test('plain is what is the same as bytes, as text and as the inside of a JSON string', async t => {
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code)
    const isSame = code < 0x80 && JSON.stringify(char) === `"${char}"` && code !== 0x7f
    t.equal(isPlain(`a ${char} b`), isSame, `character ${code}`)
  }
  t.ok(isPlain(''))
  t.ok(isPlain('why?=no, a = b?'), 'as no word is encoded')
  t.notOk(isPlain('Re: =?utf-8?q?=C3=A9?='))
})

t.test('suspicious is what may hold a secret', async t => {
  const hints = 'password passphrase adminpw cookie authorization AUTH confirm QUERY_STRING PATH_INFO REQUEST_URI HTTP_URL ://'
  for (const hint of [...hints.split(' '), '/requests/', 'Cannot retrieve template at', '?', '$', '\t'])
    for (const text of [hint, hint.toUpperCase(), `\xff${hint}\xff`, 'x'.repeat(100_000) + hint])
      t.ok(isSuspicious(text), text.slice(-40))
  for (const text of ['', 'dev post from a@b held, message-id=<c@d>: Post to moderated list', 'p a s s', 'the owner of the post'])
    t.notOk(isSuspicious(text), text)
})

t.test('a longer text leaves nothing behind for a shorter one', async t => {
  t.ok(isSuspicious(`${'x'.repeat(1000)}password`))
  lookAt('\xff'.repeat(50_000))
  t.ok(isPlain('abc'))
  t.notOk(isSuspicious('pas'))
})
