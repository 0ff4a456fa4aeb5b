import type { Alert } from '#domain/alert.ts'
import type { TakenStep } from '../alerts/life.ts'
import type { Finding } from '../finding.ts'
import type { Notice } from '../notice.ts'
import type { Routes } from '../routes/routes.ts'
import { SHORT_MS, sortOf, type AlertTally, type BacktestAlert, type NodeTally, type NoticeTally, type ReceiverTally, type RuleTally, type StepTally } from './backtest-result.ts'
import type { DeskListener } from './replay-desk.ts'

/** The nodes with the most alerts that are given. */
const MAX_NODES = 20
/** Steps of time that are given; they are as long as that takes. */
const MAX_STEPS = 100
const HOUR_MS = 3_600_000
const STEPS_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 28 * 24 * HOUR_MS]

/** By the hour over a day or two, else by the day; longer where that would be too many steps. */
export const stepOf = (spanMs: number): number => (spanMs <= 48 * HOUR_MS ? HOUR_MS : (STEPS_MS.find((stepMs) => stepMs >= 24 * HOUR_MS && spanMs / stepMs <= MAX_STEPS) ?? spanMs / MAX_STEPS))

export interface Tally extends DeskListener {
  /** Alerts so far. */
  readonly opened: number
  readonly sums: () => TallySums
  /** Notices that told an alert. */
  readonly noticesOf: (alertId: number) => number
}
export interface TallySums {
  readonly matches: number
  readonly clears: number
  readonly reports: number
  readonly alerts: Omit<AlertTally, 'openAtEnd'>
  readonly notices: NoticeTally
  readonly rules: readonly RuleTally[]
  readonly nodes: readonly NodeTally[]
  readonly otherNodes: { readonly nodes: number; readonly alerts: number }
  readonly stepMs: number
  readonly steps: readonly StepTally[]
}

export interface TallyOptions {
  readonly rules: readonly string[]
  readonly routes: Routes
  readonly nodeName: (id: number) => string
  readonly spanMs: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Adds up what happens at the desk of a back-test. Bounded by its alerts, of which there are so many at most. */
export function createTally({ rules, routes, nodeName, spanMs }: TallyOptions): Tally {
  const stepMs = stepOf(spanMs)
  const byRule = new Map(rules.map((rule): [string, Mutable<RuleTally>] => [rule, { rule, matches: 0, alerts: 0, fired: 0 }]))
  const byReceiver = new Map<string, Mutable<ReceiverTally>>()
  const byNode = new Map<number, number>()
  const bySteps = new Map<number, Mutable<StepTally>>()
  const left = new Map<string, number>()
  const told = new Map<number, number>()
  const alerts: Mutable<Omit<AlertTally, 'openAtEnd'>> = { opened: 0, fired: 0, unlasted: 0, flaps: 0, escalated: 0, short: 0, refused: 0 }
  let matches = 0
  let clears = 0
  let reports = 0
  let notices = 0
  let news = 0
  /** Rows of one notice come one after the other. */
  let lastNotice = ''

  const stepAt = (ms: number): Mutable<StepTally> => {
    const atMs = Math.floor(ms / stepMs) * stepMs
    return bySteps.getOrInsertComputed(atMs, () => ({ atMs, alerts: 0, notices: 0 }))
  }

  function fired(alert: Alert, atMs: number): void {
    alerts.fired++
    const rule = byRule.get(alert.rule)
    if (rule !== undefined) rule.fired++
    byNode.set(alert.nodeId, (byNode.get(alert.nodeId) ?? 0) + 1)
    stepAt(atMs).alerts++
  }

  return {
    get opened() {
      return alerts.opened
    },
    found({ kind, count, rule, emit }: Finding) {
      if (kind === 'clear') clears += count
      else {
        matches += count
        const known = byRule.get(rule)
        if (known !== undefined) known.matches += count
        if (emit !== undefined) reports += count
      }
    },
    stepped({ alert, transition: { reason, to, from, atMs } }: TakenStep) {
      if (reason === 'found') {
        alerts.opened++
        const rule = byRule.get(alert.rule)
        if (rule !== undefined) rule.alerts++
      }
      if (to === 'firing' && (reason === 'found' || reason === 'lasted')) fired(alert, atMs)
      if (reason === 'returned') alerts.flaps++
      if (reason === 'more-severe') alerts.escalated++
      if (to === 'resolved' && from === 'pending') alerts.unlasted++
      if (to === 'resolved' && from !== 'pending' && (alert.overMs ?? atMs) - (alert.firedMs ?? atMs) < SHORT_MS) alerts.short++
    },
    refused: () => void alerts.refused++,
    left: (reason, count) => void left.set(reason, (left.get(reason) ?? 0) + count),
    told(row, notice) {
      if (notice.kind !== 'alerts' && notice.kind !== 'digest') return
      const sort = sortOf(notice.kind === 'digest', notice.alerts.map(({ telling }) => telling))
      const known = byReceiver.getOrInsertComputed(row.receiver, () => ({ receiver: row.receiver, isKnown: routes.receiver(row.receiver) !== undefined, mails: 0, webhooks: 0, news: 0, still: 0, resolved: 0, digests: 0 }))
      if (row.channel === 'webhook') known.webhooks++
      else known.mails++
      const name = nameOf(notice)
      if (name === lastNotice) return
      lastNotice = name
      notices++
      known[sort]++
      if (sort === 'news') news++
      stepAt(notice.atMs).notices++
      for (const { id } of notice.alerts) told.set(id, (told.get(id) ?? 0) + 1)
    },
    noticesOf: (alertId) => told.get(alertId) ?? 0,
    sums() {
      const nodes = [...byNode].sort((a, b) => b[1] - a[1] || a[0] - b[0])
      const others = nodes.slice(MAX_NODES)
      return {
        matches, clears, reports, alerts, stepMs,
        notices: { total: notices, news, receivers: [...byReceiver.values()].sort((a, b) => b.mails + b.webhooks - a.mails - a.webhooks || (a.receiver < b.receiver ? -1 : 1)), left: [...left].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count) },
        rules: [...byRule.values()].sort((a, b) => b.fired - a.fired || b.matches - a.matches),
        nodes: nodes.slice(0, MAX_NODES).map(([nodeId, count]) => ({ nodeId, node: nodeId === 0 ? '' : nodeName(nodeId), alerts: count })),
        otherNodes: { nodes: others.length, alerts: others.reduce((sum, [, count]) => sum + count, 0) },
        steps: [...bySteps.values()].sort((a, b) => a.atMs - b.atMs),
      }
    },
  }
}

const nameOf = ({ receiver, atMs, kind, ...rest }: Extract<Notice, { kind: 'alerts' | 'digest' }>): string => `${kind} ${receiver} ${atMs} ${rest.groupKey}`

/** An alert as a person judges it. */
export const backtestAlert = (alert: Alert, { node, notices }: { readonly node: string; readonly notices: number }): BacktestAlert => ({
  rule: alert.rule, severity: alert.severity, title: alert.title, node, firstMs: alert.firstMs, firedMs: alert.firedMs, lastMs: alert.lastMs,
  overMs: alert.state === 'resolved' ? (alert.overMs ?? alert.resolvedMs) : undefined, count: alert.count, flaps: alert.flaps, firstSeq: alert.firstSeq, notices,
})
