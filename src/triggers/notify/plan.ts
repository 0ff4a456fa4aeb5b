import type { Alert, AlertSeverity, AlertState } from '#domain/alert.ts'
import type { MutesAt } from '../alerts/notifier-port.ts'
import type { Telling } from '../notice.ts'
import type { LeftReason } from '../outbox/metrics.ts'
import type { GroupSettings } from './settings.ts'

/** An alert of a group, as it stands when the group is looked at. */
export interface FlushMember {
  readonly alertId: number
  /** `escalated`: that is to be said; `held`: it waits in a digest, or in this one. */
  readonly what: MemberWhat
  /** Since when it is so. */
  readonly sinceMs: number
  /** undefined: it is gone. */
  readonly alert: Alert | undefined
  /** What the receiver was told last; undefined: nothing yet. */
  readonly told: { readonly state: AlertState; readonly atMs: number } | undefined
  /** Notices about it that were made: `sent` one at least, `waiting` none was sent yet, `late` one was and another waits, `none` there are none. */
  readonly underWay: 'sent' | 'waiting' | 'late' | 'none'
  /** It is in the receiver's digest, which will tell it. */
  readonly isInDigest: boolean
}
export const MEMBER_WHATS = ['new', 'changed', 'escalated', 'held', 'told'] as const
export type MemberWhat = (typeof MEMBER_WHATS)[number]

export interface FlushInput {
  readonly settings: GroupSettings
  /** When the group was told last; undefined: never. */
  readonly toldMs: number | undefined
  readonly members: readonly FlushMember[]
  readonly mutes: MutesAt
  /** The receiver is left in peace until then, but for these. */
  readonly quiet: { readonly untilMs: number; readonly except: readonly AlertSeverity[] } | undefined
  readonly nowMs: number
}

export interface FlushPlan {
  /** In the order of the members; empty: no notice now. */
  readonly tell: readonly { readonly alert: Alert; readonly telling: Telling }[]
  /** All others, each with its reason; `why` where there is more to say. */
  readonly left: readonly { readonly alertId: number; readonly reason: LeftReason; readonly why: string }[]
  /** Alerts that leave the group: there is nothing more to tell of them. */
  readonly leaves: readonly number[]
  /** When the group is to be looked at again; undefined: when something changes. */
  readonly nextDueMs: number | undefined
}

/** Alerts that are muted are looked at again after this long, or when the group may be told again if that is later: a silence may end early. */
const RECHECK_MS = 60_000

interface Left { readonly reason: LeftReason; readonly why?: string; readonly leaves?: true; readonly againMs?: number }
type Verdict = { readonly telling: Telling } | Left

/** What a group tells now, what it does not and why, and when it is looked at again. Pure: rows in, a decision out; whoever calls it too early is told when to come back. */
export function planFlush(input: FlushInput): FlushPlan {
  const { settings, toldMs, members, nowMs } = input
  const earliestMs = Math.max(toldMs === undefined ? nowMs : Math.min(toldMs, nowMs) + settings.intervalMs, waitedMs(input))
  if (nowMs < earliestMs) return { tell: [], left: [], leaves: [], nextDueMs: members.length === 0 ? undefined : earliestMs }

  const isRepeat = members.some((member) => isRepeatDue(member, input))
  const tell: { alert: Alert; telling: Telling }[] = []
  const left: { alertId: number; reason: LeftReason; why: string }[] = []
  const leaves: number[] = []
  const times: number[] = []
  for (const member of members) {
    const verdict = judge(member, input, isRepeat)
    if ('telling' in verdict) tell.push({ alert: member.alert!, telling: verdict.telling })
    else left.push({ alertId: member.alertId, reason: verdict.reason, why: verdict.why ?? '' })
    if (leavesAfter(member, verdict, settings)) leaves.push(member.alertId)
    else times.push(...nextOf(member, verdict, input))
  }
  const nextMs = times.length === 0 ? undefined : Math.max(least(times), tell.length > 0 ? nowMs + settings.intervalMs : nowMs + 1)
  return { tell, left, leaves, nextDueMs: nextMs }
}

/** When the first of what is new has waited for others; what goes on waits for nobody. */
function waitedMs({ settings, members, nowMs }: FlushInput): number {
  const ends = members.filter(({ what }) => what !== 'told').map(({ what, sinceMs }) => Math.min(sinceMs, nowMs) + (what === 'new' ? settings.waitMs : 0))
  return ends.length === 0 ? nowMs : least(ends)
}

/** Of thousands too, which are more than a call takes. */
const least = (times: readonly number[]): number => times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)

function judge(member: FlushMember, input: FlushInput, isRepeat: boolean): Verdict {
  const { alert, told, isInDigest } = member
  const { settings, mutes, quiet, nowMs } = input
  if (alert === undefined) return { reason: 'gone', leaves: true }
  if (isInDigest && settings.kind === 'alerts') return { reason: 'capped', ...(alert.state === 'resolved' ? { leaves: true as const } : {}) }
  const verdict = tellingOf(member, alert, { settings, isRepeat })
  if (!('telling' in verdict)) return verdict
  const mute = mutes(alert)[0]
  if (mute !== undefined) {
    if (alert.state === 'resolved' && told === undefined) return { reason: mute.mute, why: mute.why, leaves: true }
    const recheckMs = nowMs + Math.max(RECHECK_MS, settings.intervalMs)
    return { reason: mute.mute, why: mute.why, againMs: Math.max(nowMs + 1, Math.min(mute.untilMs ?? recheckMs, recheckMs)) }
  }
  if (quiet !== undefined && !quiet.except.includes(alert.severity)) return { reason: 'quiet', againMs: quiet.untilMs }
  return verdict
}

/** What there is to tell of an alert, whoever may not hear it now. */
function tellingOf({ told, what, underWay }: FlushMember, alert: Alert, { settings, isRepeat }: { readonly settings: GroupSettings; readonly isRepeat: boolean }): Verdict {
  const known = told?.state
  const unchanged: Left = { reason: 'unchanged' }
  switch (alert.state) {
    case 'pending':
      return unchanged
    case 'firing':
      if (what === 'escalated') return { telling: 'escalated' }
      if (known === undefined || known === 'resolved') return { telling: 'firing' }
      if (known === 'acknowledged') return { telling: 'unacknowledged' }
      if (!isRepeat) return unchanged
      return underWay === 'waiting' || underWay === 'late' ? { reason: 'unsent' } : { telling: 'still' }
    case 'acknowledged':
      if (what === 'escalated') return { telling: 'escalated' }
      if (known === 'acknowledged') return unchanged
      // whoever does not know it is to know it, whoever looks after it
      return settings.sendAcknowledged || known === undefined || known === 'resolved' ? { telling: 'acknowledged' } : { reason: 'not-wanted' }
    case 'resolved':
      if (known === 'resolved') return { ...unchanged, leaves: true }
      // a digest is read to know what was
      if (known === undefined) return settings.kind === 'alerts' && lastedMs(alert) < settings.waitMs ? { reason: 'over-before-told', leaves: true } : { telling: 'fired-and-resolved' }
      if (!settings.sendResolved) return { reason: 'not-wanted', leaves: true }
      return { telling: underWay === 'waiting' ? 'fired-and-resolved' : 'resolved' }
  }
}

const lastedMs = ({ overMs, resolvedMs, firedMs, lastMs }: Alert): number => (overMs ?? resolvedMs ?? lastMs) - (firedMs ?? lastMs)

/** It is over, or it was in the digest for this once. */
function leavesAfter({ alert, what }: FlushMember, verdict: Verdict, { kind }: GroupSettings): boolean {
  if ('telling' in verdict) return alert!.state === 'resolved' || (kind === 'digest' && what === 'held')
  return verdict.leaves === true || (kind === 'digest' && what === 'held' && verdict.reason === 'unchanged')
}

/** It goes on, its receiver knows that, nobody looks after it, and that was long ago. */
function isRepeatDue({ alert, told, underWay }: FlushMember, { settings, mutes, nowMs }: FlushInput): boolean {
  if (settings.everyMs === undefined || alert?.state !== 'firing' || told?.state !== 'firing') return false
  return nowMs >= Math.min(told.atMs, nowMs) + settings.everyMs && underWay !== 'waiting' && underWay !== 'late' && mutes(alert).length === 0
}

function nextOf({ alert, told }: FlushMember, verdict: Verdict, { settings, nowMs }: FlushInput): readonly number[] {
  if (!('telling' in verdict) && verdict.againMs !== undefined) return [verdict.againMs]
  if (settings.everyMs === undefined || alert?.state !== 'firing') return []
  if ('telling' in verdict) return [nowMs + settings.everyMs]
  // overdue and not told: what was told before has not arrived, or the digest tells it
  return told === undefined ? [] : [Math.max(Math.min(told.atMs, nowMs) + settings.everyMs, nowMs + Math.max(RECHECK_MS, settings.intervalMs))]
}
