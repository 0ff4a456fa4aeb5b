import { createOutboxRecords, type HubDatabase } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import { dedupKey, type FormerNotice as Notice } from '../notice.ts'
import type { AlertNews, Notifier } from './notifier-port.ts'
import type { TitleNames } from './title.ts'

export interface DirectNotifierOptions {
  readonly db: HubDatabase
  readonly clock: () => number
  readonly names: TitleNames
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add'>
}

/** Notices of one rule that may follow each other, and how soon there is room for another: a datagram is enough to forge a panic of a machine that is none. */
const MAX_NOTICES = 100
const NOTICE_REFILL_MS = 60_000
/** Rules are few; what is kept of those that were removed goes with the oldest. */
const MAX_RULES_KEPT = 10_000

/** One notice for each alert that begins to fire, straight into the outbox, to the receiver that its rule names. */
export function createDirectNotifier({ db, clock, names, log, metrics }: DirectNotifierOptions): Notifier {
  const outbox = createOutboxRecords(db)
  const mayTell = createNoticeLimit()

  function queue({ alert, policy }: AlertNews, receiver: string): boolean {
    const notice: Notice = {
      kind: 'alert', title: alert.title, severity: alert.severity, rule: alert.rule, version: alert.ruleVersion, key: alert.key, seq: alert.lastSeq, receivedMs: alert.lastMs,
      nodeId: alert.nodeId, sessionId: alert.sessionId, node: names.node(alert.nodeId) ?? alert.fields['node'] ?? alert.host, session: names.session(alert.sessionId) ?? '',
      host: alert.host, app: alert.app, text: alert.text, fields: alert.fields, count: alert.count, firstMs: alert.firstMs, runbook: policy.runbook, owner: policy.owner,
      before: policy.notify?.before ?? 0, after: policy.notify?.after ?? 0,
    }
    const isNew = outbox.add({
      dedupKey: dedupKey({ rule: alert.rule, version: alert.ruleVersion, key: `${alert.key} ${alert.id}`, seq: alert.lastSeq, receiver }),
      channel: 'mail', receiver, payload: JSON.stringify(notice), createdMs: clock(), alertId: alert.id,
    })
    if (isNew) metrics.add('hps_notifications_queued_total', { severity: alert.severity })
    return isNew
  }

  return {
    told(news) {
      const { transition, alert, policy } = news
      const receiver = policy.notify?.to
      if (receiver === undefined || transition.to !== 'firing' || (transition.reason !== 'found' && transition.reason !== 'lasted')) return false
      const allowed = mayTell(alert.rule, alert.lastMs)
      if (allowed === 'yes') return queue(news, receiver)
      metrics.add('hps_notifications_held_total', { reason: 'rule-limit' })
      if (allowed === 'first-no') log.warn({ rule: alert.rule, seq: alert.lastSeq }, 'a rule told very much; of its further alerts one a minute is told, all are kept')
      return false
    },
  }
}

/** A token bucket for each rule, on the messages' time, so that a replay decides the same. */
function createNoticeLimit(): (rule: string, atMs: number) => 'yes' | 'first-no' | 'no' {
  const buckets = new Map<string, { left: number; atMs: number; hasRefused: boolean }>()
  return (rule, atMs) => {
    const bucket = buckets.get(rule) ?? { left: MAX_NOTICES, atMs, hasRefused: false }
    buckets.set(rule, bucket)
    if (buckets.size > MAX_RULES_KEPT) buckets.delete(buckets.keys().next().value!)
    bucket.left = Math.min(MAX_NOTICES, bucket.left + Math.max(0, atMs - bucket.atMs) / NOTICE_REFILL_MS)
    bucket.atMs = Math.max(bucket.atMs, atMs)
    if (bucket.left >= 1) {
      bucket.left--
      if (bucket.left >= MAX_NOTICES / 2) bucket.hasRefused = false
      return 'yes'
    }
    const isFirst = !bucket.hasRefused
    bucket.hasRefused = true
    return isFirst ? 'first-no' : 'no'
  }
}
