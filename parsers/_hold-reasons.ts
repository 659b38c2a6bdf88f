/**
 * Hold reasons → one stable slug, the same for 2.1 and 3. Mailman 2.1 logs its fixed reasons in English whatever the list's
 * language (Handlers/Hold.py, `reason_notice()`); the two with parameters are translated and wrapped, so they are recognised by
 * their shape, or by a text that was seen. Mailman 3 (rules/*.py) always logs English.
 */
export interface HoldReason {
  readonly meaning: string
  /** Where the reason is made: 2.1's module, then 3's. */
  readonly module: string
  /** What a list admin does about it. */
  readonly advice: string
  /** What decides it, as the option is called in 2.1 (Gui/), then in 3 (rest/listconf.py). Absent: no option of a list does. */
  readonly option2?: string
  readonly option3?: string
  /** Exact texts of 2.1, then of 3. */
  readonly texts2?: readonly string[]
  readonly texts3?: readonly string[]
}

const table = {
  'post-by-non-member': {
    meaning: 'The sender is no member, and posts of non-members are held.',
    module: 'Handlers/Moderate.py; 3: rules/moderation.py, rules/member.py',
    advice: 'Approve it; if they may always post, let them join or accept their address as a non-member.',
    option2: 'generic_nonmember_action, hold_these_nonmembers, accept_these_nonmembers',
    option3: 'default_nonmember_action, or the non-member’s moderation_action',
    texts2: ['Post by non-member to a members-only list'],
    texts3: ['The message is not from a list member'],
  },
  'post-to-moderated-list': {
    meaning: 'The sender is a member whose posts are moderated.',
    module: 'Handlers/Moderate.py; 3: rules/moderation.py',
    advice:
      'Approve it; if all members are held, somebody set the moderation of all: look at the list’s settings and recent changes.',
    option2: 'the member’s mod flag, default_member_moderation, member_moderation_action',
    option3: 'the member’s moderation_action, default_member_action',
    texts2: ['Post to moderated list'],
    texts3: ['The message comes from a moderated member'],
  },
  'nonmember-list': {
    meaning: 'The sender is on the list of non-members whose posts get this treatment.',
    module: '–; 3: rules/moderation.py',
    advice: 'Change the list’s `…_these_nonmembers` settings if it was wanted.',
    option2: 'hold_these_nonmembers',
    option3: 'hold_these_nonmembers',
  },
  'too-big': {
    meaning: 'The post is larger than the list allows.',
    module: 'Handlers/Hold.py; 3: rules/max_size.py',
    advice: 'Approve it, ask for a link in place of the attachment, or raise `max_message_size`.',
    option2: 'max_message_size',
    option3: 'max_message_size',
  },
  'too-many-recipients': {
    meaning: 'The post names more recipients than the list allows.',
    module: 'Handlers/Hold.py; 3: rules/max_recipients.py',
    advice: 'Approve it, or raise `max_num_recipients`.',
    option2: 'max_num_recipients',
    option3: 'max_num_recipients',
    texts2: ['Too many recipients to the message'],
  },
  'implicit-destination': {
    meaning: 'The list’s address stands neither in To nor in Cc, as in a Bcc.',
    module: 'Handlers/Hold.py; 3: rules/implicit_dest.py',
    advice: 'Approve it; if the list has another address, add it to `acceptable_aliases`.',
    option2: 'require_explicit_destination, acceptable_aliases',
    option3: 'require_explicit_destination, acceptable_aliases',
    texts2: ['Message has implicit destination'],
    texts3: ['Message has implicit destination'],
  },
  administrivia: {
    meaning: 'The post looks like a command to the list (subscribe, unsubscribe…).',
    module: 'Handlers/Hold.py; 3: rules/administrivia.py',
    advice: 'Do what the sender meant and discard it, or approve it.',
    option2: 'administrivia',
    option3: 'administrivia',
    texts2: ['Message may contain administrivia'],
    texts3: ['Message contains administrivia'],
  },
  'suspicious-header': {
    meaning: 'A header matches the list’s `bounce_matching_headers`.',
    module: 'Handlers/Hold.py; 3: rules/suspicious.py',
    advice: 'Look at the header; correct the setting if it catches good mail.',
    option2: 'bounce_matching_headers',
    option3: 'bounce_matching_headers, which the REST API does not show',
    texts2: ['Message has a suspicious header'],
  },
  'header-rule': {
    meaning: 'A header matches a filter rule of the list or site.',
    module: 'Handlers/SpamDetect.py; 3: chains/headers.py',
    advice: 'Mostly spam: discard it; correct the rule if it catches good mail.',
    option2: 'header_filter_rules',
    option3: 'header_matches; for the site [antispam]header_checks',
  },
  'moderated-newsgroup': {
    meaning: 'The list is gated to a moderated newsgroup.',
    module: 'Handlers/Hold.py; 3: rules/news_moderation.py',
    advice: 'Approve it if you moderate the group.',
    option2: 'news_moderation',
    option3: 'newsgroup_moderation',
    texts2: ['Posting to a moderated newsgroup'],
    texts3: ['Post to a moderated newsgroup gateway'],
  },
  emergency: {
    meaning: 'Emergency moderation is on: every post is held.',
    module: 'Handlers/Moderate.py; 3: rules/emergency.py',
    advice: 'Switch emergency moderation off when the emergency is over.',
    option2: 'emergency',
    option3: 'emergency',
    texts2: ['Emergency hold on all list traffic is in effect'],
    texts3: ['Emergency moderation is in effect for this list'],
  },
  'no-sender': {
    meaning: 'The post names no sender that can be used.',
    module: '–; 3: rules/no_senders.py, rules/moderation.py',
    advice: 'Mostly spam: discard it.',
    texts3: ['The message has no valid senders', 'No sender was found in the message.'],
  },
  'no-subject': {
    meaning: 'The post has no subject.',
    module: '–; 3: rules/no_subject.py',
    advice: 'Approve it, or ask for a subject.',
    texts3: ['Message has no subject'],
  },
  loop: {
    meaning: 'The post went through this list already.',
    module: '–; 3: rules/loop.py',
    advice: 'Look for a member address that forwards to the list.',
    texts3: ['Message has already been posted to this list'],
  },
  digest: {
    meaning: 'The post answers a digest with its subject, or quotes all of it.',
    module: '–; 3: rules/dmarc.py, rules/digests.py',
    advice: 'Ask the sender to set the subject and to quote less.',
    texts3: ['Message has a digest subject', 'Message quotes digest boilerplate'],
  },
  'sender-banned': {
    meaning: 'The sender is banned from the list.',
    module: '–; 3: rules/banned_address.py',
    advice: 'Nothing; lift the ban if it was a mistake.',
    option3: 'the bans of the list or site',
  },
  dmarc: {
    meaning: 'The sender’s domain has a DMARC policy that the list does not work around.',
    module: 'Handlers/SpamDetect.py; 3: rules/dmarc.py',
    advice: 'Set the list’s DMARC mitigation to rewrite From.',
    option2: 'dmarc_moderation_action',
    option3: 'dmarc_mitigate_action, dmarc_mitigate_unconditionally',
    texts3: ['DMARC moderation'],
  },
  'spam-score': {
    meaning: 'A spam filter’s score is above the limit.',
    module: 'SpamAssassin.py (Debian’s contrib); –',
    advice: 'Mostly spam: discard it.',
  },
  'sender-forbidden': {
    meaning: 'The sender is explicitly forbidden.',
    module: 'Handlers/Hold.py (older handlers); –',
    advice: 'Change the list’s privacy settings if it was wanted.',
    texts2: ['Sender is explicitly forbidden'],
  },
  'restricted-list': {
    meaning: 'Posting to the list needs approval for everybody.',
    module: 'Handlers/Hold.py (older handlers); –',
    advice: 'Approve it.',
    texts2: ['Posting to a restricted list by sender requires approval'],
  },
  unknown: {
    meaning: 'Mailman gave no reason.',
    module: 'Handlers/Hold.py; 3: chains/hold.py (`N/A`)',
    advice: 'Look at the message in the moderation queue.',
    texts2: ['For some unknown reason'],
    texts3: ['N/A', 'n/a'],
  },
  other: {
    meaning: 'A reason that is not known here; its text is in `mailman.hold.reason_text`.',
    module: 'other handlers, rules or translations',
    advice: 'Read the text.',
  },
} as const satisfies Record<string, HoldReason>

export type HoldReasonSlug = keyof typeof table

export const holdReasons: Readonly<Record<HoldReasonSlug, HoldReason>> = table

const slugs = Object.entries(holdReasons) as [HoldReasonSlug, HoldReason][]

/** 2.1's reasons that are never wrapped or translated → slug. */
export const fixedHoldReasons: ReadonlyMap<string, HoldReasonSlug> = new Map(
  slugs.flatMap(([slug, { texts2 = [] }]) => texts2.map(text => [text, slug] as const)),
)
const fixedHoldReasons3: ReadonlyMap<string, HoldReasonSlug> = new Map(
  slugs.flatMap(([slug, { texts3 = [] }]) => texts3.map(text => [text, slug] as const)),
)

/** Mailman 3's reasons with parameters, whole: a header's value may hold anything. */
const shapes3: readonly [RegExp, HoldReasonSlug][] = [
  [/^Header "[^\n]*" matched a header rule$/, 'header-rule'],
  [/^Header "[^\n]*" matched a bounce_matching_header line$/, 'suspicious-header'],
  [/^The sender is in the nonmember \w{1,20} list$/, 'nonmember-list'],
  [/^Message has more than -?\d{1,9} recipients$/, 'too-many-recipients'],
  [/^Message sender \S{1,320} is banned from this list$/, 'sender-banned'],
  [/^The message is larger than the \d{1,9} KB maximum size$/, 'too-big'],
]

// Each shape is anchored and bounded. A size reason holds two numbers, the second one followed by KB in any case.
const shapes: readonly [RegExp, HoldReasonSlug][] = [
  [/^Header matched regexp: /, 'header-rule'],
  ...shapes3,
  [/^\D{1,200}\d{1,15}\D{1,200}\d{1,9} (?:[Kk][Bb]|КБ|Кб|Ko|ko)(?!\p{L})/u, 'too-big'],
  [/^\P{L}{0,100}Заголовок подходит под шаблон: /u, 'header-rule'],
  [/^メールヘッダーが/, 'header-rule'],
  [/^[^\n]{0,100}\bregexp\b/, 'header-rule'],
  [/^SpamAssassin identified this message/, 'spam-score'],
]

/** The slug of a hold reason; `other` for a text that nobody knows. */
export function slugOfHoldReason(reason: string): HoldReasonSlug {
  const known = fixedHoldReasons.get(reason) ?? fixedHoldReasons3.get(reason)
  if (known !== undefined) return known
  for (const [shape, slug] of shapes) if (shape.test(reason)) return slug
  return 'other'
}

/** True for a reason that Mailman 3 itself gives. */
export const isReasonOf3 = (reason: string): boolean =>
  fixedHoldReasons3.has(reason) || shapes3.some(([shape]) => shape.test(reason))

/** The slugs of several reasons, each once. */
export const holdReasonSlugs = (reasons: readonly string[]): HoldReasonSlug[] => [...new Set(reasons.map(slugOfHoldReason))]
