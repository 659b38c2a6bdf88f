import t from 'tap'
import { scrubAddresses, scrubIps } from '../../src/events/scrub.js'

const addresses = (text: string) => scrubAddresses(text, (local, sign, domain) => `{${local}|${sign}|${domain}}`)
const ips = (text: string) => scrubIps(text, ip => `{${ip}}`)

t.test('where an address begins and ends', async t => {
  const cases: [text: string, found: string][] = [
    ['from ann@example.org.', 'from {ann|@|example.org}.'],
    ['<ann@example.org>', '<{ann|@|example.org}>'],
    ['mailto:ann@example.org, bob@b.example', 'mailto:{ann|@|example.org}, {bob|@|b.example}'],
    ['user=ann@example.org: x', 'user={ann|@|example.org}: x'],
    ["{'ann@example.org': (550, 'no')}", "{'{ann|@|example.org}': (550, 'no')}"],
    ["b'ann@example.org'", "b'{ann|@|example.org}'"],
    ['"o\'hara@example.org"', '"{o\'hara|@|example.org}"'],
    ["'5.1.1 no\\nann@example.org'", "'5.1.1 no\\n{ann|@|example.org}'"],
    ['"Ann \\"X\\" Lee"@example.org', '{"Ann \\"X\\" Lee"|@|example.org}'],
    ['dev-bounces+ann=example.org@lists.example.org', '{dev-bounces+ann=example.org|@|lists.example.org}'],
    ['/3.1/addresses/ann%2Bx%40example.org/verify', '/3.1/addresses/{ann+x|%40|example.org}/verify'],
    ['u=ann%2540example.org', '{u=ann|%2540|example.org}'],
    ['/mailman/options/dev/ann--at--example.org', '/mailman/options/dev/{ann|--at--|example.org}'],
    ['/G=ann/S=lee@example.org', '{/G=ann/S=lee|@|example.org}'],
    ['ann@[192.0.2.1] x', '{ann|@|[192.0.2.1]} x'],
    ['ann@[ bob@example.org', '{ann|@|}[ {bob|@|example.org}'],
    ['relay@a.example@b.example', '{relay@a.example|@|b.example}'],
    ['ann@', '{ann|@|}'],
    ['grüße@example.org', '{grüße|@|example.org}'],
    ['    @property', '    @property'],
    ['@@@@@@@@@@', '@@@@@@@@@@'],
    ['matched: ^.*@spam\\.example', 'matched: ^.*@spam\\.example'],
  ]
  for (const [text, found] of cases) t.equal(addresses(text), found)
  t.equal(
    scrubAddresses('a@b c@d', local => (local === 'a' ? undefined : '-')),
    'a@b -',
    'what is to stay stays',
  )
})

t.test('IP addresses', async t => {
  const cases: [text: string, found: string][] = [
    ['from 192.0.2.1.', 'from {192.0.2.1}.'],
    ['192.0.2.1:25, 10.0.0.1-10.0.0.9', '{192.0.2.1}:25, {10.0.0.1}-{10.0.0.9}'],
    ['dsl-192.0.2.1.example.net', 'dsl-{192.0.2.1}.example.net'],
    ["('::1', 52444, 0, 0)", "('{::1}', 52444, 0, 0)"],
    ['[2001:db8::1]:443', '[{2001:db8::1}]:443'],
    ['[IPv6:2001:db8::1]', '[IPv6:{2001:db8::1}]'],
    ['2001:db8::1: no route', '{2001:db8::1}: no route'],
    ['2001:db8:0:0:0:0:0:1:52444', '{2001:db8:0:0:0:0:0:1}:52444'],
    ['fe80::1%eth0', '{fe80::1}%eth0'],
    ['5.1.1 no, 2.1.39, 300.1.1.1, 1.2.3.4.5', '5.1.1 no, 2.1.39, 300.1.1.1, 1.2.3.4.5'],
    ['at 10:00:00, x::y, ::', 'at 10:00:00, x::y, ::'],
    ['a:b -fe80::1- ::1::2 ::1', 'a:b -{fe80::1}- ::{1::2} {::1}'],
    [`${'a:'.repeat(70)} ${'b'.repeat(200)}::1`, `${'a:'.repeat(70)} ${'b'.repeat(200)}::1`],
  ]
  for (const [text, found] of cases) t.equal(ips(text), found)
  t.equal(
    scrubIps('::ffff:192.0.2.1', () => '[ip]'),
    '[ip]',
  )
})
