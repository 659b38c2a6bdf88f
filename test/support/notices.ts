/** Notices as the announcer makes them. */
import type { Alert } from '../../src/alerts/alert.js'
import type { Notice, NoticeSite } from '../../src/notify/notice.js'
import { alertOf } from './alerts.js'

export const site: NoticeSite = {
  hostName: 'lists1.example.org',
  instance: 'main',
  timezone: 'Europe/London',
  runbookUrl: 'https://wiki.example.org/mailman#{kind}',
  dashboardUrl: 'https://kibana.example.org/app/dashboards',
  pageUrl: 'https://lists.example.org/logs/',
}

/** @param alert what is other than in the outage of 2015 */
export const noticeOf = (more: Partial<Notice> = {}, alert: Partial<Alert> = {}): Notice => ({
  id: 'one',
  atMs: Date.parse('2015-05-19T17:31:20Z'),
  moment: 'raised',
  alerts: [alertOf(alert)],
  ...more,
})

export const testNotice: Notice = { ...noticeOf(), id: 'test-1', moment: 'test', alerts: [], words: ['Sent by hand.'] }
