import type { Alert, AlertMatcher, AlertTransition, Mute } from '#domain/alert.ts'
import type { Policy } from '../policy.ts'

/** A step of an alert that people may be told of. */
export interface AlertNews {
  /** Its `to` is `firing` (new, lasted, escalated, nobody looks after it any more), `acknowledged`, or `resolved`; `reason` says which. */
  readonly transition: AlertTransition
  /** As it is after the step; stored, with its id. */
  readonly alert: Alert
  readonly policy: Policy
  /** Of an escalation: the receiver that it goes to beside those who know already. */
  readonly escalatesTo: string | undefined
}

/**
 * Whoever tells people. Called inside the transaction of the step, on the same connection: what it writes is there when the
 * step is, and neither when hub.db refuses. Not called for what never fired, nor for alerts of rules on trial (`shadow`). It
 * decides by `mutesAt` only when it tells, not here: a silence may begin or end while the alert waits in its group.
 */
export interface Notifier {
  /** Returns whether there may be something to send now: the outbox is woken after the commit. */
  told(news: AlertNews): boolean
}

/** What keeps an alert from telling anybody, each with its why. */
export interface MuteReason {
  readonly mute: Mute
  /** For people, e.g. `silence 4 by anna until …: new switch`. */
  readonly why: string
  readonly silenceId?: number | undefined
  /** The alert that says it all. */
  readonly alertId?: number | undefined
  readonly untilMs?: number | undefined
}

/** Everything that mutes at one instant, read once for all alerts of a flush or a page: pure from then on. */
export type MutesAt = (alert: Alert) => readonly MuteReason[]

export interface Mutes {
  /** Reads silences, announced work and the alerts that inhibit others. */
  at(nowMs: number): MutesAt
  /** Open alerts that a silence with these matchers would cover. */
  preview(matchers: readonly AlertMatcher[]): readonly Alert[]
}
