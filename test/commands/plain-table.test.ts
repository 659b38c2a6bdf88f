import t from 'tap'
import { formatTable } from '../../src/commands/plain-table.js'

const id = '<20260103081503.3.292@mail.example.org>'
const rows = [
  { cells: ['2024-03-01 10:00:00', 'post-to-moderated-list', id], colour: '33' },
  { cells: ['2024-03-01 10:00:01', 'too-big', '<b@x>'], colour: '' },
]
const table = (columns: number | undefined, end?: 'whole') =>
  formatTable(['held', 'reason', 'message'], rows, { columns, isColoured: end === 'whole' }, '  ', end)

t.test('the last column is cut, or has a line of its own where it must be whole', async t => {
  t.match(table(70)[1], /post-to-moderated-list {2}<2026.*…$/)
  t.ok(table(undefined)[1]!.endsWith(id))
  const whole = table(70, 'whole')
  t.strictSame(whole.slice(1), [
    '\x1b[33m  2024-03-01 10:00:00  post-to-moderated-list\x1b[0m',
    `\x1b[33m    ${id}\x1b[0m`,
    '  2024-03-01 10:00:01  too-big                 <b@x>',
  ])
  t.equal(table(100, 'whole').length, 3, 'there is room')
})
