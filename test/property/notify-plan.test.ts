import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import { openHubDatabase } from '#store/index.ts'
import type { Mutes } from '#triggers/index.ts'
import { HOUR, notifier, POLICY, routesFrom, START } from '../unit/triggers/notify/support.ts'

const SECOND = 1000
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fire' as const), severity: fc.constantFrom('critical' as const, 'warning' as const), group: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('resolve' as const, 'acknowledge' as const, 'unacknowledge' as const), which: fc.nat(30) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 1200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'back' as const, 'mute' as const, 'unmute' as const, 'send' as const) }) },
)
const timing = fc.record({ wait: fc.constantFrom(0, 30, 300), interval: fc.constantFrom(0, 60, 300), cap: fc.constantFrom(3, 60) })

/** The most times that lie within one hour. */
const mostInAnHour = (times: readonly number[]): number => Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + HOUR).length))

describe('what is told', () => {
  test.prop([fc.array(step, { maxLength: 60 }), timing], { numRuns: 30 })('comes no closer than the interval, no more often than the cap, and leaves no alert out', (steps, { wait, interval, cap }) => {
    const db = openHubDatabase(':memory:')
    const routes = routesFrom(`format: 1\nreceivers: [{name: ops, mail: [a@b.c], max_per_hour: ${cap}}]\nroute: {receiver: ops, group_by: [group], wait: ${wait}s, interval: ${interval}s, every: 1h}\n`)
    let nowMs = START
    /** Time without jumps: what a person's watch says. */
    let watchMs = START
    let isMuted = false
    const mutes: Mutes = { at: () => (alert) => (isMuted && alert.severity === 'warning' ? [{ mute: 'silenced', why: 's' }] : []), preview: () => [] }
    const make = () => notifier(db, { routes: () => routes, clock: () => nowMs, mutes, policy: () => POLICY })
    let hub = make()
    const alerts: Alert[] = []
    const wasMuted = new Set<number>()
    const firedAt = new Map<number, number>()
    const overAt = new Map<number, number>()
    const told: { readonly watchMs: number; readonly group: string; readonly kind: string; readonly ids: readonly number[] }[] = []
    let seen: number | undefined
    let hasWoken = false
    const look = (): void => {
      if ((hub.records.nextDueMs() ?? nowMs + 1) > nowMs && !hasWoken) return
      hasWoken = false
      hub.notifying.wake()
      if (hub.outbox.list(1)[0]?.id === seen) return
      seen = hub.outbox.list(1)[0]?.id
      for (const notice of hub.notices().slice(told.length)) {
        if (notice.kind === 'alerts' || notice.kind === 'digest') told.push({ watchMs, group: notice.groupKey, kind: notice.kind, ids: notice.alerts.map(({ id }) => id) })
      }
    }
    const pass = (ms: number): void => {
      for (let left = ms; left > 0; left -= 10 * SECOND) {
        nowMs += Math.min(left, 10 * SECOND)
        watchMs += Math.min(left, 10 * SECOND)
        if (isMuted) for (const alert of alerts) if (alert.severity === 'warning') wasMuted.add(alert.id)
        look()
      }
    }
    for (const one of steps) {
      if (one.do === 'fire') {
        const alert = hub.fire({ severity: one.severity, fields: { group: String(one.group) } })
        alerts.push(alert)
        firedAt.set(alert.id, watchMs)
      } else if (one.do === 'pass') pass(one.seconds * SECOND)
      else if (one.do === 'restart') hub = make()
      else if (one.do === 'back') {
        nowMs -= HOUR
        hub.notifying.wake()
        hasWoken = true
      }
      else if (one.do === 'mute' || one.do === 'unmute') isMuted = one.do === 'mute'
      else if (one.do === 'send') hub.sendAll()
      else if ('which' in one) {
        const at = alerts.findIndex(({ state }, index) => index >= one.which % Math.max(1, alerts.length) && (one.do === 'unacknowledge' ? state === 'acknowledged' : one.do === 'acknowledge' ? state === 'firing' : state !== 'resolved'))
        if (at < 0) continue
        alerts[at] = hub[one.do](alerts[at]!)
        if (alerts[at].state === 'resolved') overAt.set(alerts[at].id, watchMs)
      }
      look()
    }
    isMuted = false
    const hasJumped = steps.some((one) => one.do === 'back')
    pass(2 * HOUR)

    const byGroup = Map.groupBy(told.filter(({ kind }) => kind === 'alerts'), ({ group }) => group)
    for (const notices of byGroup.values()) for (const [index, { watchMs: at }] of notices.entries()) if (index > 0 && !hasJumped) expect(at - notices[index - 1]!.watchMs).toBeGreaterThanOrEqual(interval * SECOND)
    if (!hasJumped) expect(mostInAnHour(told.filter(({ kind }) => kind === 'alerts').map(({ watchMs: at }) => at))).toBeLessThanOrEqual(cap)
    const known = new Set(told.flatMap(({ ids }) => ids))
    for (const { id } of alerts) {
      const wasBrief = overAt.has(id) && overAt.get(id)! - firedAt.get(id)! <= wait * SECOND
      if (!known.has(id) && !wasBrief && !wasMuted.has(id) && !(hasJumped && overAt.has(id))) expect.fail(`alert ${id} was told to nobody`)
    }
    db.close()
  })
})
