/** Nothing but text comes out of text from a log. */
import fc from 'fast-check'
import t from 'tap'
import { markdownText } from '../../src/troubleshooting/report-escape.js'

const hostile = [
  '<script>alert(1)</script>',
  '</td><img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![](https://evil.example/pixel)',
  '<https://evil.example>',
  'https://evil.example www.evil.example mailto:a@b.example ftp://x xmpp:y',
  '`code` ``code`` ~~~ **bold** __bold__ ~~gone~~',
  '| a | b |',
  '\n\n# heading\n- item\n\n    code\n```\nfence',
  '&lt;b&gt; &#60; \\',
  '\\`x\\` \\<b> \\|',
  '$$math$$ [^1] :smile: #1 @user',
  '\x1b[2J\u202e\u0000\r\n\u2028',
]

/** What is left when escapes are taken away must hold nothing that is markup. */
const bare = (markdown: string) => markdown.replace(/\\[!-/:-@[-`{-~]/g, '').replace(/&(?:amp|lt|gt);/g, '')

t.test('hostile texts', async t => {
  for (const text of hostile) {
    const escaped = markdownText(text)
    t.notMatch(
      bare(escaped),
      /[\\`*_{}[\]()#+!|~$^=@<>&\n\r\x1b\u202e\u2028]|:\/|www\.|mailto:|xmpp:/i,
      `text ${hostile.indexOf(text)}`,
    )
  }
  t.equal(markdownText('<b>a|b</b>'), '&lt;b&gt;a\\|b&lt;/b&gt;')
  t.equal(markdownText('Post by non-member, 18:00'), 'Post by non-member, 18:00', 'what is harmless stays')
})

t.test('any text', async t => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      const escaped = bare(markdownText(text))
      return !/[\\`*_[\]<>&|@\n\r]|:\//.test(escaped)
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('long texts are cut before they are escaped: no escape is cut in two', async t => {
  const escaped = markdownText('<'.repeat(1000))
  t.equal(escaped, `${'&lt;'.repeat(199)}…`)
})
