/**
 * Hold reasons → one stable slug, the same for every version. Mailman 2.1 logs its fixed reasons in English whatever the
 * list's language (`Mailman/Handlers/Hold.py`, `reason_notice()`); the two with parameters are translated and wrapped, so they
 * are recognised by their shape, or by a text that was seen.
 */
export const fixedHoldReasons: ReadonlyMap<string, string> = new Map([
  ['Post by non-member to a members-only list', 'post-by-non-member'],
  ['Post to moderated list', 'post-to-moderated-list'],
  ['Message has implicit destination', 'implicit-destination'],
  ['Message may contain administrivia', 'administrivia'],
  ['Message has a suspicious header', 'suspicious-header'],
  ['Too many recipients to the message', 'too-many-recipients'],
  ['Posting to a moderated newsgroup', 'moderated-newsgroup'],
  ['Emergency hold on all list traffic is in effect', 'emergency'],
  ['Sender is explicitly forbidden', 'sender-forbidden'],
  ['Posting to a restricted list by sender requires approval', 'restricted-list'],
  ['For some unknown reason', 'unknown'],
])

// Each shape is anchored and bounded. A size reason holds two numbers, the second one followed by KB in any case.
const shapes: readonly [RegExp, string][] = [
  [/^Header matched regexp: /, 'header-rule'],
  [/^\D{1,200}\d{1,15}\D{1,200}\d{1,9} (?:[Kk][Bb]|КБ|Кб|Ko|ko)(?!\p{L})/u, 'too-big'],
  [/^\P{L}{0,100}Заголовок подходит под шаблон: /u, 'header-rule'],
  // Japanese, EUC-JP read as windows-1252.
  [/^¥á¡¼¥ë¥Ø¥Ã¥À¡¼¤¬/, 'header-rule'],
  [/^[^\n]{0,100}\bregexp\b/, 'header-rule'],
  [/^SpamAssassin identified this message/, 'spam-score'],
]

/** The slug of a hold reason; `other` for a text that nobody knows. */
export function slugOfHoldReason(reason: string): string {
  const known = fixedHoldReasons.get(reason)
  if (known !== undefined) return known
  for (const [shape, slug] of shapes) if (shape.test(reason)) return slug
  return 'other'
}
