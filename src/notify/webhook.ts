/** Alerts by HTTP, in the shape that the other side takes. */
import type { WebhookConfig } from '../config/options.js'
import { ShipperError } from '../errors.js'
import type { Notice, NoticeSite, Notifier } from './notice.js'
import { noticeJson } from './notice-json.js'
import { headerSafe } from './notice-words.js'
import { alertmanagerAlerts, alertmanagerUrl } from './webhook-alertmanager.js'
import { chatMessage } from './webhook-chat.js'
import { pagerdutyEvents } from './webhook-pagerduty.js'
import { post } from './webhook-post.js'

export interface WebhookSecrets {
  readonly url: string
  readonly key: string | undefined
  /** PEM */
  readonly ca: string | undefined
}

/** @throws ShipperError MLS_CONFIG_SECRET where a file does not hold what it should */
export function makeWebhook(config: WebhookConfig, { url, key, ca }: WebhookSecrets, site: NoticeSite): Notifier {
  const { name, shape, least } = config
  const to = shape === 'alertmanager' ? alertmanagerUrl(readUrl(config, url)) : readUrl(config, url)
  const isRoutingKey = shape === 'pagerduty'
  // What stands in a header must fit there, or Node's error would repeat it.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new ShipperError('MLS_CONFIG_SECRET', `${config.keyFile} does not hold a key: blanks, or characters beyond ASCII`)
  const authorization: Record<string, string> = key === undefined || isRoutingKey ? {} : { authorization: `Bearer ${key}` }
  const bodiesOf = (notice: Notice): unknown[] => {
    if (shape === 'slack' || shape === 'mattermost') return [chatMessage(shape, notice, site)]
    if (shape === 'alertmanager') return [alertmanagerAlerts(notice, site)]
    if (shape === 'pagerduty') return pagerdutyEvents(notice, site, key ?? '')
    return [noticeJson(notice, site)]
  }
  return {
    name,
    least,
    async send(notice, signal) {
      const headers = { ...authorization, 'idempotency-key': headerSafe(notice.id) }
      for (const body of bodiesOf(notice)) await post(name, { url: to, headers, body, ca }, signal)
    },
    async close() {},
  }
}

function readUrl({ urlFile }: WebhookConfig, url: string): URL {
  const read = URL.canParse(url) ? new URL(url) : undefined
  if (read !== undefined && /^https?:$/.test(read.protocol) && `${read.username}${read.password}` === '') return read
  throw new ShipperError('MLS_CONFIG_SECRET', `${urlFile} does not hold a URL such as https://hooks.example.org/services/…`)
}
