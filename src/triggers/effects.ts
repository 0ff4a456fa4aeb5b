import { cut, printable } from '#base/text.ts'
import type { EvidenceClass, LifecycleEvent } from '#domain/lifecycle.ts'
import { TemplateFault, type Renderer } from '#render/index.ts'
import { createAlertRecords, createOutboxRecords, readCursor, writeCursor, type AlertRow, type HubDatabase } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import { foldHit, QUIET_AFTER_MS, raisesAlert } from './alerts/fold.ts'
import { dedupKey, type Notice } from './notice.ts'
import type { RuleHit } from './protocol.ts'

/** Evidence that a message gave, for whoever keeps the lifecycle and the sessions. */
export interface ReportedEvent {
  readonly nodeId: number
  readonly sessionId: number
  readonly event: LifecycleEvent | undefined
  readonly stage: string | undefined
  readonly evidence: EvidenceClass
  /** `id@version` */
  readonly rule: string
  readonly seq: number
  readonly receivedMs: number
  /** The rule's title, rendered: why, for the history. */
  readonly title: string
}
export type ReportOutcome = 'applied' | 'ignored'

export interface EffectsOptions {
  /** Main's own connection. */
  readonly db: HubDatabase
  readonly clock: () => number
  /** Called inside the transaction; what it writes through the same connection is part of it. */
  readonly applyEvent: (event: ReportedEvent) => ReportOutcome
  readonly names: { node(id: number): string | null | undefined; session(id: number): string | null | undefined }
  readonly renderer: Renderer
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add' | 'set' | 'onCollect'>
}

export interface Effects {
  /** All effects of all messages up to `cursor`, in one transaction with the cursor; a cursor that was applied before changes nothing. Returns whether there is something new to send. */
  apply(batch: { readonly cursor: number; readonly watermarkMs: number; readonly hits: readonly RuleHit[] }): boolean
  /** Resolves alerts that have been quiet for long enough; call it about once a minute. */
  sweep(): void
  /** Where the rules thread goes on. */
  readonly cursor: number
  /** Matches of each rule since the start, for listings. */
  readonly matches: ReadonlyMap<string, number>
}

/** Notices of one rule that may follow each other, and how soon there is room for another: a datagram is enough to forge a panic of a machine that is none. */
const MAX_NOTICES = 100
const NOTICE_REFILL_MS = 60_000
/** Rules are few; what is kept of those that were removed goes with the oldest. */
const MAX_RULES_KEPT = 10_000

/** Longest title; it becomes the subject of a mail. */
const MAX_TITLE_CHARACTERS = 200

export function createEffects(options: EffectsOptions): Effects {
  const { db, clock, applyEvent, names, log, metrics } = options
  const alerts = createAlertRecords(db)
  const outbox = createOutboxRecords(db)
  const matches = new Map<string, number>()
  const mayTell = createNoticeLimit()
  const position = { cursor: readCursor(db, 'rules') }

  function titleOf(hit: RuleHit, count: number): string {
    const view = {
      ...hit.captures, node: names.node(hit.nodeId) ?? (hit.host || `source ${hit.sourceId}`), session: names.session(hit.sessionId) ?? '-',
      host: hit.host, app: hit.app, severity: hit.severity, text: hit.text, count,
    }
    try {
      return cut(options.renderer.compile({ source: hit.title, medium: 'mail', name: `title of ${hit.rule}` })(view).replace(/\s+/g, ' ').trim(), MAX_TITLE_CHARACTERS)
    } catch (error) {
      // A named group that took no part in the match: the title is still worth more than none.
      if (!(error instanceof TemplateFault)) throw error
      return cut(`${hit.rule}: ${printable(hit.text)}`, MAX_TITLE_CHARACTERS)
    }
  }

  function report(hit: RuleHit): void {
    if (hit.emit === undefined) return
    const { nodeId, sessionId, evidence, seq, receivedMs } = hit
    let outcome: ReportOutcome | 'failed' = 'ignored'
    try {
      // A savepoint: a report that fails takes back its own writes only, and the cursor still moves.
      if (nodeId !== 0) outcome = db.transaction(() => applyEvent({ nodeId, sessionId, ...hit.emit!, evidence, rule: `${hit.rule}@${hit.version}`, seq, receivedMs, title: titleOf(hit, hit.count) }))()
    } catch (error) {
      outcome = 'failed'
      log.error({ rule: hit.rule, seq, node_id: nodeId, error: String(error) }, 'the evidence of a rule could not be applied')
    }
    metrics.add('hps_rule_events_total', { outcome })
  }

  function alert(hit: RuleHit): boolean {
    const open = alerts.open(hit.rule, hit.key)
    const title = titleOf(hit, (open?.count ?? 0) + hit.count)
    const folded = foldHit(open, hit, title)
    if (folded.resolves) alerts.update({ ...open!, state: 'resolved' })
    const isOpened = folded.reason === 'opened' || folded.reason === 'opened-after-quiet'
    const id = isOpened ? alerts.insert(folded.alert) : open!.id
    if (!isOpened) alerts.update({ ...folded.alert, id })
    if (isOpened) {
      metrics.add('hps_alerts_opened_total', { severity: hit.severity })
      log.info({ rule: hit.rule, alert: id, title, seq: hit.seq, severity: hit.severity }, 'alert opened')
    }
    if (!folded.notifies) {
      if (hit.notify !== undefined) metrics.add('hps_notifications_folded_total')
      return false
    }
    const told = mayTell(hit)
    if (told === 'yes') return queue(hit, { ...folded.alert, id })
    metrics.add('hps_notifications_held_total', { reason: 'rule-limit' })
    if (told === 'first-no') log.warn({ rule: hit.rule, seq: hit.seq }, 'a rule told very much; of its further alerts one a minute is told, all are kept')
    return false
  }

  function queue(hit: RuleHit, row: AlertRow): boolean {
    const { to, before, after } = hit.notify!
    const notice: Notice = {
      kind: 'alert', title: row.title, severity: hit.severity, rule: hit.rule, version: hit.version, key: hit.key, seq: hit.seq, receivedMs: hit.receivedMs,
      nodeId: hit.nodeId, sessionId: hit.sessionId, node: names.node(hit.nodeId) ?? hit.host, session: names.session(hit.sessionId) ?? '',
      host: hit.host, app: hit.app, text: hit.text, fields: hit.captures, count: row.count, firstMs: row.firstMs, runbook: hit.runbook, owner: hit.owner, before, after,
    }
    const isNew = outbox.add({
      dedupKey: dedupKey({ rule: hit.rule, version: hit.version, key: hit.key, seq: hit.seq, receiver: to }),
      channel: 'mail', receiver: to, payload: JSON.stringify(notice), createdMs: clock(), alertId: row.id,
    })
    if (isNew) metrics.add('hps_notifications_queued_total', { severity: hit.severity })
    return isNew
  }

  const applyAll = db.transaction((batch: Parameters<Effects['apply']>[0]): boolean => {
    let hasNews = false
    for (const hit of batch.hits) {
      if (hit.seq <= position.cursor) continue
      matches.set(hit.rule, (matches.get(hit.rule) ?? 0) + hit.count)
      metrics.add('hps_rule_matches_total', { rule: hit.rule }, hit.count)
      if (hit.status !== 'live') continue
      report(hit)
      if (raisesAlert(hit)) hasNews = alert(hit) || hasNews
    }
    writeCursor(db, 'rules', { seq: batch.cursor, atMs: clock() })
    return hasNews
  })

  metrics.onCollect(() => {
    for (const { state, severity, count } of alerts.counts()) metrics.set('hps_alerts', count, { state, severity })
  })

  return {
    apply(batch) {
      if (batch.cursor <= position.cursor) return false
      const hasNews = applyAll.immediate(batch)
      position.cursor = batch.cursor
      return hasNews
    },
    sweep() {
      const resolved = alerts.resolveQuiet(clock() - QUIET_AFTER_MS)
      if (resolved > 0) log.info({ alerts: resolved }, 'quiet alerts resolved')
    },
    get cursor() {
      return position.cursor
    },
    matches,
  }
}

/** A token bucket for each rule, on the messages' time, so that a replay decides the same. */
function createNoticeLimit(): (hit: Pick<RuleHit, 'rule' | 'receivedMs'>) => 'yes' | 'first-no' | 'no' {
  const buckets = new Map<string, { left: number; atMs: number; hasRefused: boolean }>()
  return ({ rule, receivedMs }) => {
    const bucket = buckets.get(rule) ?? { left: MAX_NOTICES, atMs: receivedMs, hasRefused: false }
    buckets.set(rule, bucket)
    if (buckets.size > MAX_RULES_KEPT) buckets.delete(buckets.keys().next().value!)
    bucket.left = Math.min(MAX_NOTICES, bucket.left + Math.max(0, receivedMs - bucket.atMs) / NOTICE_REFILL_MS)
    bucket.atMs = Math.max(bucket.atMs, receivedMs)
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
