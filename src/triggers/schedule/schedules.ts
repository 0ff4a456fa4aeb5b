import type { NewFinding } from '../correlate/correlator.ts'
import type { Rule } from '../rules/rule.ts'
import { createCalendar, type Calendar } from './calendar.ts'

/** A rule by the calendar, and up to where its moments are past. */
export interface ScheduleMark { readonly rule: string; readonly stateVersion: string; readonly pastMs: number }

/** Rules by the calendar. Time comes from the watermark, as for everything else that the rules do. */
export interface Schedules {
  readonly nextDueMs: number
  /** Moments that are due: one finding for each rule, however many of them have passed. */
  advance(nowMs: number): readonly NewFinding[]
  /** Another set of rules: those that stay go on, new ones begin now. */
  replace(rules: readonly Rule[], nowMs: number): void
  /** What is to be kept for the next start. */
  marks(): readonly ScheduleMark[]
}

interface Entry { rule: Rule; readonly calendar: Calendar; pastMs: number; dueMs: number }

export interface SchedulesOptions {
  /** What was kept, of rules that may be gone. */
  readonly marks: readonly ScheduleMark[]
  /** While the hub was not running: what fell due in it is late. */
  readonly pause: { readonly fromMs: number; readonly toMs: number }
}

export function createSchedules({ marks, pause }: SchedulesOptions): Schedules {
  let entries = new Map<string, Entry>()
  let firstMs = Infinity
  const kept = new Map(marks.map((mark) => [`${mark.rule} ${mark.stateVersion}`, mark.pastMs]))

  function entryOf(rule: Rule, nowMs: number): Entry | undefined {
    const { when } = rule
    if (when.kind !== 'schedule') return undefined
    const known = entries.get(rule.id)
    if (known?.rule.stateVersion === rule.stateVersion) return Object.assign(known, { rule })
    const calendar = createCalendar(when.cron, when.tz)
    const pastMs = kept.get(`${rule.id} ${rule.stateVersion}`) ?? nowMs
    return { rule, calendar, pastMs, dueMs: calendar.next(pastMs) ?? Infinity }
  }

  function lookForFirst(): void {
    firstMs = Infinity
    for (const { dueMs } of entries.values()) if (dueMs < firstMs) firstMs = dueMs
  }

  return {
    get nextDueMs() {
      return firstMs
    },
    advance(nowMs) {
      const due = [...entries.values()].filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs)
      const found = due.map((entry) => {
        const { rule, calendar, dueMs } = entry
        entry.pastMs = nowMs
        entry.dueMs = calendar.next(nowMs) ?? Infinity
        return findingOf(rule, { atMs: dueMs, isLate: dueMs > pause.fromMs && dueMs <= pause.toMs })
      })
      lookForFirst()
      return found
    },
    replace(rules, nowMs) {
      entries = new Map(rules.flatMap((rule) => {
        const entry = entryOf(rule, nowMs)
        return entry === undefined ? [] : [[rule.id, entry] as const]
      }))
      kept.clear()
      lookForFirst()
    },
    marks: () => [...entries.values()].map(({ rule, pastMs }) => ({ rule: rule.id, stateVersion: rule.stateVersion, pastMs })),
  }
}

/** About nothing in particular: the key is empty. */
const findingOf = ({ id, version, emit }: Rule, { atMs, isLate }: { readonly atMs: number; readonly isLate: boolean }): NewFinding => ({
  kind: 'raise', rule: id, version, key: '[]', fields: {}, seq: 0, atMs, count: 1, lastSeq: 0, lastMs: atMs, nodeId: 0, sessionId: 0, sourceId: 0, host: '', app: '', text: '',
  evidence: 'A', emit: emit === undefined ? undefined : { event: emit.event, stage: emit.stage }, isLate, reason: 'scheduled',
})
