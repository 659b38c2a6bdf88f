/** The metrics about alerts: what stands, what was raised, who was told. Where alerts are turned off there are none of them. */
import { byLabel, type Metric, secondsOf } from './metric.js'

const severities = ['critical', 'warning', 'info'] as const

export const alertMetrics: readonly Metric[] = [
  {
    name: 'alerts_open',
    help: 'Alerts that stand.',
    type: 'gauge',
    labels: ['kind', 'severity'],
    read: ({ alerts }) =>
      alerts &&
      Object.keys(alerts.raised).flatMap(kind =>
        severities.map(severity => {
          const standing = alerts.open.filter(one => one.kind === kind && one.severity === severity)
          return [{ kind, severity }, standing.length] as const
        }),
      ),
  },
  {
    name: 'alerts_raised_total',
    help: 'Alerts that were raised.',
    type: 'counter',
    labels: ['kind'],
    read: ({ alerts }) => alerts && byLabel('kind', alerts.raised),
  },
  {
    name: 'detector_learned',
    help: '1: the detector knows enough of what is usual to tell of what is not.',
    type: 'gauge',
    read: ({ alerts }) => alerts && Number(alerts.detector.isLearned),
  },
  {
    name: 'detector_lists',
    help: 'Lists of which the detector knows anything.',
    type: 'gauge',
    read: ({ alerts }) => alerts?.detector.lists,
  },
  {
    name: 'notices_total',
    help: 'Notices that a notifier took (sent), and attempts that failed.',
    type: 'counter',
    labels: ['notifier', 'result'],
    read: ({ alerts }) =>
      alerts?.notifiers.flatMap(({ name: notifier, sent, failed }) => [
        [{ notifier, result: 'sent' }, sent] as const,
        [{ notifier, result: 'failed' }, failed] as const,
      ]),
  },
  {
    name: 'notice_last_sent_timestamp_seconds',
    help: 'When a notifier took a notice last; absent before the first.',
    type: 'gauge',
    labels: ['notifier'],
    read: ({ alerts }) =>
      alerts?.notifiers.flatMap(({ name: notifier, lastSentAt }) => {
        const seconds = secondsOf(lastSentAt)
        return seconds === undefined ? [] : [[{ notifier }, seconds] as const]
      }),
  },
]
