import type { Health, HealthResult } from '#telemetry/index.ts'
import type { MailConfig } from './config.ts'
import type { RulesEvent } from './protocol.ts'
import type { Routes } from './routes/routes.ts'

/** What the hub knows of its rules, from the events of the rules thread. */
export interface RulesStatus {
  take(event: RulesEvent): void
  readonly current: Extract<RulesEvent, { kind: 'loaded' }> | undefined
  /** Why the files on disk are not in use; empty when they are. */
  readonly faults: readonly string[]
  /** What each rule has cost since the set was loaded; undefined: not told yet. */
  readonly costs: Extract<RulesEvent, { kind: 'costs' }> | undefined
}

export function createRulesStatus(): RulesStatus {
  let current: RulesStatus['current']
  let faults: readonly string[] = []
  let costs: RulesStatus['costs']
  return {
    take(event) {
      if (event.kind === 'loaded') [current, faults, costs] = [event, [], undefined]
      else if (event.kind === 'refused') faults = event.faults
      else if (event.kind === 'costs') costs = event
    },
    get current() {
      return current
    },
    get faults() {
      return faults
    },
    get costs() {
      return costs
    },
  }
}

/** Checks `rules` and `mail`. Neither makes the hub unready: it goes on storing. */
export function registerHealth(health: Health, { status, config, routes }: { readonly status: RulesStatus; readonly config: MailConfig; readonly routes: () => Routes }): void {
  health.register('rules', (): HealthResult => {
    const stopped = status.costs?.stopped ?? []
    if (status.faults.length === 0 && stopped.length > 0) return { status: 'warn', reason: `stopped, since they took too much time: ${stopped.map(({ rule }) => rule).join(', ')}` }
    if (status.faults.length === 0) return status.current === undefined ? { status: 'warn', reason: 'the rules are not loaded yet' } : { status: 'pass' }
    const more = status.faults.length > 1 ? ` and ${status.faults.length - 1} more` : ''
    return { status: 'warn', reason: `${status.current === undefined ? 'no rules are in use' : 'the rules on disk were refused, the ones before are in use'}: ${status.faults[0]!}${more}` }
  })
  health.register('mail', (): HealthResult => {
    if (config.host === undefined) return { status: 'warn', reason: 'no SMTP server is configured (mail.host): mails wait in the outbox' }
    return routes().names.length === 0 ? { status: 'warn', reason: 'there are no receivers (routes.yaml): mails wait in the outbox' } : { status: 'pass' }
  })
}
