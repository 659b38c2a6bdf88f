import t from 'tap'
import { redact } from '../../src/events/redact.js'

t.test('secrets go, wherever Mailman logs them', async t => {
  const cases: [what: string, text: string, clean: string][] = [
    [
      'cookie of a crash dump',
      'admin(17620): \tHTTP_COOKIE: users+admin=280200; b=c ',
      'admin(17620): \tHTTP_COOKIE: [redacted]',
    ],
    ['second version of cookies', '\tHTTP_COOKIE2: $Version=1', '\tHTTP_COOKIE2: [redacted]'],
    ['login', '\tHTTP_AUTHORIZATION: Basic dTpw', '\tHTTP_AUTHORIZATION: [redacted]'],
    ['login at a proxy', '\tHTTP_PROXY_AUTHORIZATION: Basic dTpw', '\tHTTP_PROXY_AUTHORIZATION: [redacted]'],
    ['query', '\tQUERY_STRING: adminpw=x&y=z ', '\tQUERY_STRING: [redacted]'],
    ['query of a rewritten address', '\tREDIRECT_QUERY_STRING: a b', '\tREDIRECT_QUERY_STRING: [redacted]'],
    ['query in the address', '\tREQUEST_URI: /mailman/admin/users?x=y ', '\tREQUEST_URI: /mailman/admin/users?[redacted] '],
    [
      'query in a rewritten address',
      '\tREDIRECT_URL: /mailman/admin/users?x=y',
      '\tREDIRECT_URL: /mailman/admin/users?[redacted]',
    ],
    ['query of the page before', '\tHTTP_REFERER: https://h/x?y=z#f ', '\tHTTP_REFERER: https://h/x?[redacted] '],
    [
      'token of a confirmation',
      '\tPATH_INFO: /users/confirm/users/0123456789abcdef0123',
      '\tPATH_INFO: /users/confirm/users/[redacted]',
    ],
    [
      'token in the REST API',
      '"POST /3.1/lists/dev.lists.example.org/requests/05d28798723cc4bbe0310770330c58a5b90d3c01 HTTP/1.1" 204',
      '"POST /3.1/lists/dev.lists.example.org/requests/[redacted] HTTP/1.1" 204',
    ],
    [
      'token in an address and a subject',
      'to <dev-confirm+05d28798723cc4bbe0310770330c58a5b90d3c01@h>, Subject: confirm 05d28798723cc4bbe0310770330c58a5b90d3c01',
      'to <dev-confirm+[redacted]@h>, Subject: confirm [redacted]',
    ],
    ['requests without a token', '"GET /3.1/lists/dev.h/requests HTTP/1.1" 200', '"GET /3.1/lists/dev.h/requests HTTP/1.1" 200'],
    ['credentials in a URL', 'from https://u:p@h/x: no', 'from https://[redacted]@h/x: no'],
    ['credentials in any URL', 'nntp://u:p@h', 'nntp://[redacted]@h'],
    [
      'header lines in an exception',
      'x\nCookie: a=b; c\nAuthorization: Bearer t\ny',
      'x\nCookie: [redacted]\nAuthorization: [redacted]\ny',
    ],
    ['answer header', 'Set-Cookie: a=b', 'Set-Cookie: [redacted]'],
    ['password=', 'password=sesame&x=1', 'password=[redacted]&x=1'],
    ['a name that ends in it', 'adminpw=sesame;', 'adminpw=[redacted];'],
    ['Python dict', "{'password': 'open sesame', 'x': 1}", "{'password': [redacted], 'x': 1}"],
    ['a quote that does not end', 'pw="open sesame', 'pw=[redacted]'],
    ['with blanks', 'PASSWD = sesame', 'PASSWD = [redacted]'],
    [
      'login for a template of Mailman 3',
      "Cannot retrieve template at http://h/t (('ann', 'open (sesame')) x)\nTraceback",
      'Cannot retrieve template at http://h/t ([redacted])\nTraceback',
    ],
    [
      'the same, with one in the URL, in a line as it stands in the file',
      "Nov 22 17:04:43 2026 (1) Cannot retrieve template at http://u:p@h/t?a (('ann', 'b'))",
      'Nov 22 17:04:43 2026 (1) Cannot retrieve template at http://[redacted]@h/t?[redacted] ([redacted])',
    ],
    ['query of a request', '"GET /3.1/lists?sesame HTTP/1.1" 200', '"GET /3.1/lists?[redacted] HTTP/1.1" 200'],
    ['query with quotes', '"GET /3.1/x?a="b" HTTP/1.1" 404', '"GET /3.1/x?[redacted] HTTP/1.1" 404'],
    ['query of a request that crashed', 'GET /3.1/x?sesame => Traceback', 'GET /3.1/x?[redacted] => Traceback'],
    [
      'credentials of the REST API',
      'GET http://restadmin:restpass@localhost:8001/3.1 failed',
      'GET http://[redacted]@localhost:8001/3.1 failed',
    ],
    ['a setting of the REST API', 'admin_user: restadmin\nadmin_pass: restpass', 'admin_user: restadmin\nadmin_pass: [redacted]'],
    ['the login of the mail server', 'smtp_pass = open', 'smtp_pass = [redacted]'],
    [
      'the database of Mailman 3',
      'Database url: postgresql://mm:open@db/mailman',
      'Database url: postgresql://[redacted]@db/mailman',
    ],
    ['a stored password in a traceback', "('Ann', '$6$rounds=656000$salt$hash')", "('Ann', '[redacted]')"],
    ['a login at the LMTP server', "('::1', 5) >> b'AUTH PLAIN AGFubgBwdw=='", "('::1', 5) >> b'AUTH PLAIN [redacted]'"],
    [
      'a form’s field, as Python prints it',
      "MiniFieldStorage('adminpw', 'open sesame')",
      "MiniFieldStorage('adminpw', [redacted])",
    ],
    ['Unicode in a Python dict', "{u'adminpw': u'open sesame', 1: 2}", "{u'adminpw': [redacted], 1: 2}"],
    ['a quote in a Python string', "{'password': 'it\\'s open', 1: 2}", "{'password': [redacted], 1: 2}"],
    ['other secrets of an environment', '\tHTTP_X_API_KEY: open ', '\tHTTP_X_API_KEY: [redacted]'],
    ['a session of TLS', 'admin(1): \tSSL_SESSION_ID: 0a1b', 'admin(1): \tSSL_SESSION_ID: [redacted]'],
    ['a token against forged forms', '\tHTTP_X_CSRFTOKEN: 0a1b', '\tHTTP_X_CSRFTOKEN: [redacted]'],
    ['a login that the web server checked', '\tHTTP_X_FORWARDED_AUTH: 0a1b', '\tHTTP_X_FORWARDED_AUTH: [redacted]'],
    ['a long one, wholly', `pw=${'x'.repeat(20_000)} y`, 'pw=[redacted] y'],
    ['a long query, wholly', `http://h/?${'x'.repeat(20_000)} y`, 'http://h/?[redacted] y'],
  ]
  for (const [what, text, clean] of cases) t.equal(redact(text), clean, what)
})

t.test('what is no secret stays', async t => {
  for (const text of [
    'Dev post from a@b held, message-id=<x@y>: Post to moderated list',
    'User a@b had a false password for list dev',
    'password-less member a@b for list dev',
    'Authorization failed (private): user=a@b: list=dev: remote=10.0.0.1',
    'urandom not available, passwords not secure',
    'Unable to retrieve data from https://publicsuffix.org/list/public_suffix_list.dat: no',
    'delivery to a@b failed with code 550: see http://h/p.html?',
    '\tREQUEST_URI: /mailman/admin/users ',
    'Cannot retrieve template at http://h/t (<no authorization>)\nTraceback (most recent call last):',
    '"GET /3.1/lists HTTP/1.1" 200 5 "-" "a?b=c"',
    '\tSERVER_NAME: lists.example.org\n\tREMOTE_ADDR: 192.0.2.7',
    "('::1', 5) >> b'AUTH PLAIN ********'",
    'bypass: yes, for $10 or $1',
  ])
    t.equal(redact(text), text)
})

t.test('a redacted text is redacted', async t => {
  const texts = [
    '://pw=>;u:p@h',
    'pw=://a:b@c',
    'Cookie: pw="x',
    'http://a:b@c?pw=d',
    "pw='Cookie: x'",
    'QUERY_STRING: http://a:b@c',
  ]
  for (const text of texts) t.equal(redact(redact(text)), redact(text), text)
})
