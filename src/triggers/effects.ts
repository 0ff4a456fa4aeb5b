import type { Alert } from '#domain/alert.ts'
import type { Renderer } from '#render/index.ts'
import { createAlertRecords, createHubEventRecords, readCursor, writeCursor, type HubDatabase } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import { createHubAlertStore } from './alerts/alert-store.ts'
import { hubEventOf } from './alerts/hub-event.ts'
import { isTold } from './alerts/is-told.ts'
import { createAlertLife, type AlertLife, type TakenStep } from './alerts/life.ts'
import type { Mutes, Notifier } from './alerts/notifier-port.ts'
import type { Policies } from './alerts/policies.ts'
import type { PersonDoes, Refusal } from './alerts/step.ts'
import { createSweep } from './alerts/sweep.ts'
import { createTitles, type TitleNames } from './alerts/title.ts'
import type { Finding } from './finding.ts'
import type { Policy } from './policy.ts'
import { createReport, type ReportedEvent, type ReportOutcome } from './report.ts'

export interface EffectsOptions {
  /** Main's own connection. */
  readonly db: HubDatabase
  readonly clock: () => number
  /** Called inside the transaction; what it writes through the same connection is part of it. */
  readonly applyEvent: (event: ReportedEvent) => ReportOutcome
  readonly names: TitleNames
  readonly renderer: Renderer
  readonly policies: Policies
  readonly notifier: Notifier
  readonly mutes: Mutes
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add' | 'set' | 'onCollect' | 'measure'>
}

/** What the rules thread sends: findings with rising numbers, and how far time has come with them. */
export interface FoundBatch {
  /** Number of the last finding so far, also where `findings` is empty. */
  readonly lastId: number
  readonly watermarkMs: number
  readonly findings: readonly Finding[]
  /** Seq up to which the rules have looked: where they begin if they lose their memory. Kept with the findings; of batches without any, once a second. */
  readonly cursor?: number
  /** The same of hub events. */
  readonly eventId?: number
}

export interface Effects {
  /** All effects of findings that had none yet, and of the time that has passed, in one transaction. Throws what hub.db throws; then nothing was done, and the same call may come again. Returns whether there may be something to send. */
  apply(batch: FoundBatch): boolean
  /** The rules in use. Alerts of rules that are gone, or that ask for something else, are over. Returns as `apply`. */
  replaceRules(policies: readonly Policy[]): boolean
  /** What a person does about an alert; undefined: there is none of this number. */
  person(deed: { readonly id: number; readonly does: PersonDoes; readonly who: string; readonly note: string }): { readonly outcome: Alert | Refusal; readonly hasNews: boolean } | undefined
  /** Other alerts than those of findings, by the same transaction, telling and counting. Returns as `apply`. */
  change(work: (life: AlertLife) => void): boolean
  /** Removes alerts that have been over for long and hub events of long ago, and counts alerts that are muted; call it about once a minute. */
  sweep(): void
  /** The last finding that had its effects. */
  readonly lastFindingId: number
  /** Matches of each rule since the start, for listings. */
  readonly matches: ReadonlyMap<string, number>
}

/** A position that moved without findings is written this often. */
const CURSOR_EVERY_MS = 1000
/** Hub events that are looked at in one go. */
const EVENTS_AT_ONCE = 1000
/** Alerts that are logged one by one in one transaction; of the others the number is. */
const LOGGED_AT_ONCE = 50

/** Gives findings their effects: reports, alerts with their history, hub events, and what is to be told. */
export function createEffects(options: EffectsOptions): Effects {
  const { db, clock, policies, notifier, log, metrics } = options
  const records = createAlertRecords(db)
  const events = createHubEventRecords(db)
  const report = createReport(options)
  const titleOf = createTitles(options)
  const matches = new Map<string, number>()
  const position = { findings: readCursor(db, 'findings'), events: readCursor(db, 'session-ends'), watermarkMs: 0, cursorWrittenMs: -Infinity }
  /** Counting and logging of a transaction, done when it has succeeded. */
  let afterwards: (() => void)[] = []
  let hasNews = false
  let opened = 0
  /** Said once in a transaction. */
  const refused = new Set<string>()

  function stepped(taken: TakenStep): void {
    const { alert, transition, policy } = taken
    const { reason, to, seq } = transition
    const event = hubEventOf(taken)
    if (event !== undefined) events.add(event)
    if (isTold(taken)) hasNews = notifier.told({ transition, alert, policy, escalatesTo: taken.escalatesTo }) || hasNews
    afterwards.push(() => {
      metrics.add('hps_alert_transitions_total', { reason })
      if (reason === 'found') metrics.add('hps_alerts_opened_total', { severity: alert.severity })
    })
    if (reason === 'found' && ++opened <= LOGGED_AT_ONCE) afterwards.push(() => log.info({ rule: alert.rule, alert: alert.id, title: alert.title, seq, severity: alert.severity, state: to }, 'alert opened'))
  }

  const life = createAlertLife({
    store: createHubAlertStore(db), policies, titleOf, stepped, lateBeforeMs: clock(),
    refused(reason, { rule }) {
      const isFirst = !refused.has(`${reason} ${rule}`)
      refused.add(`${reason} ${rule}`)
      afterwards.push(() => {
        metrics.add('hps_alerts_refused_total', { reason })
        if (isFirst) log.warn({ rule, reason }, 'no alerts are opened: there are as many open ones as may be')
      })
    },
  })

  /** One transaction; what is counted and logged follows it. */
  function transact(work: () => void): boolean {
    afterwards = []
    hasNews = false
    opened = 0
    refused.clear()
    try {
      db.transaction(work).immediate()
    } catch (error) {
      life.forget()
      throw error
    }
    for (const done of afterwards) done()
    afterwards = []
    if (opened > LOGGED_AT_ONCE) log.info({ alerts: opened - LOGGED_AT_ONCE }, 'more alerts were opened')
    return hasNews
  }

  function take(finding: Finding): void {
    const policy = policies.current(finding.rule)?.policy
    if (finding.kind === 'raise') {
      afterwards.push(() => {
        matches.set(finding.rule, (matches.get(finding.rule) ?? 0) + finding.count)
        metrics.add('hps_rule_matches_total', { rule: finding.rule }, finding.count)
      })
    }
    if (policy === undefined || policy.status === 'off') return
    if (finding.kind === 'raise' && finding.emit !== undefined && policy.status === 'live') {
      const outcome = report(finding, () => titleOf(policy, finding, finding.count))
      afterwards.push(() => metrics.add('hps_rule_events_total', { outcome }))
    }
    life.find(finding)
  }

  /** Sessions that ended since the last time. */
  function endSessions(): void {
    const until = events.newest()
    for (let last = position.events; last < until; ) {
      const some = events.after(last, EVENTS_AT_ONCE)
      for (const event of some) if (event.kind === 'session' && event.to === 'end') life.endSession(event.sessionId, event.atMs)
      last = some.at(-1)?.id ?? until
    }
  }

  const isIdle = ({ lastId, watermarkMs }: FoundBatch): boolean => lastId <= position.findings && events.newest() <= position.events && !life.isDue(watermarkMs)

  function keepCursor({ cursor, eventId = 0 }: FoundBatch): void {
    if (cursor === undefined) return
    writeCursor(db, 'rules', { seq: cursor, atMs: clock() })
    if (eventId > 0) writeCursor(db, 'rule-events', { seq: eventId, atMs: clock() })
    position.cursorWrittenMs = clock()
  }

  metrics.onCollect(() => {
    for (const { state, severity, count } of records.counts()) metrics.set('hps_alerts', count, { state, severity })
  })
  metrics.measure('hps_alerts_open', () => life.openCount())
  metrics.measure('hps_alerts_resolved', () => records.resolvedCount())

  return {
    apply(batch) {
      position.watermarkMs = Math.max(position.watermarkMs, batch.watermarkMs)
      if (isIdle(batch)) {
        if (Math.abs(clock() - position.cursorWrittenMs) >= CURSOR_EVERY_MS) keepCursor(batch)
        return false
      }
      let lastEvent = position.events
      const news = transact(() => {
        // in the order of time, however findings were gathered: what falls due comes before what happens then
        for (const finding of batch.findings) {
          if (finding.id <= position.findings) continue
          life.passTime(finding.atMs)
          take(finding)
        }
        endSessions()
        life.passTime(position.watermarkMs)
        // what was written since is of this transaction: nobody else can write meanwhile
        lastEvent = events.newest()
        if (batch.lastId > position.findings) writeCursor(db, 'findings', { seq: batch.lastId, atMs: clock() })
        if (lastEvent > position.events) writeCursor(db, 'session-ends', { seq: lastEvent, atMs: clock() })
        keepCursor(batch)
      })
      position.findings = Math.max(position.findings, batch.lastId)
      position.events = lastEvent
      return news
    },
    replaceRules(list) {
      policies.replace(list)
      return transact(() => life.rulesReplaced(position.watermarkMs === 0 ? clock() : position.watermarkMs))
    },
    person(deed) {
      let outcome: Alert | Refusal | undefined
      const news = transact(() => {
        outcome = life.person({ ...deed, nowMs: clock() })
      })
      return outcome === undefined ? undefined : { outcome, hasNews: news }
    },
    change: (work) => transact(() => work(life)),
    sweep: createSweep({ alerts: records, events, mutes: options.mutes, clock, metrics }),
    get lastFindingId() {
      return position.findings
    },
    matches,
  }
}
