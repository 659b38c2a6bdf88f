/**
 * Messages for Slack and Mattermost, by incoming webhooks. What a stranger wrote stands in a block of code only: there neither makes
 * links, mentions or markup of it. Slack reads `<!channel>` everywhere, hence its three escapes
 * (https://api.slack.com/docs/formatting); Mattermost takes Slack's `<…>` too, and no escapes for it, so look-alikes stand in there.
 */
import { detailsOf, titleOf } from '../alerts/words.js'
import { printable } from '../diagnostics/printable.js'
import type { Notice, NoticeSite } from './notice.js'
import { hasRunbookUrl, headlineOf, MAX_ALERTS, placeOf, runbookOf, tagOf } from './notice-words.js'

type Chat = 'slack' | 'mattermost'

const colours: ReadonlyMap<string, string> = new Map([
  ['critical', '#c4261d'],
  ['warning', '#e8912d'],
  ['over', '#2e8b57'],
  ['all clear', '#2e8b57'],
])
const OTHER_COLOUR = '#5b7083'

export function chatMessage(chat: Chat, notice: Notice, site: NoticeSite): object {
  const { alerts, words = [], moment } = notice
  const { dashboardUrl, pageUrl } = site
  const tag = tagOf(notice)
  const shown = alerts.slice(0, MAX_ALERTS)
  const lines = [
    ...(alerts.length === 0 ? [headlineOf(notice)] : []),
    ...words,
    ...shown.flatMap(alert => [
      `${alert.severity}: ${titleOf(alert)}`,
      ...detailsOf(alert, site.timezone).map(line => `  ${line}`),
    ]),
    ...(alerts.length > MAX_ALERTS ? [`and ${alerts.length - MAX_ALERTS} more`] : []),
    ...shown
      .filter(({ severity }) => severity === 'critical' && moment !== 'ended')
      .map(({ key }) => `mailman-shipper alerts ack ${key}`),
    `times of ${site.timezone}`,
  ]
  const kinds = [...new Set(shown.map(({ kind }) => kind))]
  const links = [
    ...(hasRunbookUrl(site) ? kinds.map(kind => link(chat, runbookOf(site, kind), `what to do: ${kind}`)) : []),
    ...(dashboardUrl === undefined ? [] : [link(chat, dashboardUrl, 'dashboard')]),
    ...(pageUrl === undefined ? [] : [link(chat, pageUrl, 'page')]),
  ]
  const body = `\`\`\`\n${lines.map(line => safe(chat, line)).join('\n')}\n\`\`\``
  return {
    // The kinds are our own words.
    text: `${bold(chat, tag)} · mailman on ${safe(chat, placeOf(site))}${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`,
    ...(chat === 'slack' ? { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false } : {}),
    attachments: [
      {
        color: colours.get(tag) ?? OTHER_COLOUR,
        fallback: safe(chat, `${tag}: ${headlineOf(notice)}`),
        text: links.length === 0 ? body : `${body}\n${links.join(' · ')}`,
        ...(chat === 'slack' ? { mrkdwn_in: ['text'] } : {}),
      },
    ],
  }
}

const bold = (chat: Chat, text: string): string => (chat === 'slack' ? `*${text}*` : `**${text}**`)

/** Of the configuration, and with nothing in it that would end the link. */
function link(chat: Chat, url: string, text: string): string {
  const plain = new URL(url).href
    .replace(/[|<>()]/g, encodeURIComponent)
    .replace(/[()]/g, found => (found === '(' ? '%28' : '%29'))
  return chat === 'slack' ? `<${plain.replaceAll('&', '&amp;')}|${text}>` : `[${text}](${plain})`
}

/** Fit for a block of code, which it cannot end. */
function safe(chat: Chat, text: string): string {
  const line = printable(text).replaceAll('`', 'ˋ')
  return chat === 'slack'
    ? line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    : line.replaceAll('<', '‹').replaceAll('>', '›')
}
