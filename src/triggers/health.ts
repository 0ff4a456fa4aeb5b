import type { Health, HealthResult } from '#telemetry/index.ts'
import type { MailConfig } from './config.ts'
import type { RulesEvent } from './protocol.ts'
import { FORGOTTEN } from './run/belongs.ts'
import type { Routes } from './routes/routes.ts'

/** What the hub knows of its rules, from the events of the rules thread. */
export interface RulesStatus {
  take(event: RulesEvent): void
  readonly current: Extract<RulesEvent, { kind: 'loaded' }> | undefined
  /** Why the files on disk are not in use; empty when they are. */
  readonly faults: readonly string[]
  /** What each rule has cost since the set was loaded; undefined: not told yet. */
  readonly costs: Extract<RulesEvent, { kind: 'costs' }> | undefined
  /** That what rules remembered could not be used at the start. */
  readonly forgot: Extract<RulesEvent, { kind: 'forgot' }> | undefined
}

export function createRulesStatus(): RulesStatus {
  let current: RulesStatus['current']
  let faults: readonly string[] = []
  let costs: RulesStatus['costs']
  let forgot: RulesStatus['forgot']
  return {
    take(event) {
      if (event.kind === 'loaded') [current, faults, costs] = [event, [], undefined]
      else if (event.kind === 'refused') faults = event.faults
      else if (event.kind === 'costs') costs = event
      else if (event.kind === 'forgot') forgot = event
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
    get forgot() {
      return forgot
    },
  }
}

/** Checks `rules` and `mail`. Neither makes the hub unready: it goes on storing. */
export function registerHealth(health: Health, { status, config, routes }: { readonly status: RulesStatus; readonly config: MailConfig; readonly routes: () => Routes }): void {
  health.register('rules', () => rulesHealth(status))
  health.register('mail', (): HealthResult => {
    if (config.host === undefined) return { status: 'warn', reason: 'no SMTP server is configured (mail.host): mails wait in the outbox' }
    return routes().names.length === 0 ? { status: 'warn', reason: 'there are no receivers (routes.yaml): mails wait in the outbox' } : { status: 'pass' }
  })
}

function rulesHealth({ current, faults, costs, forgot }: RulesStatus): HealthResult {
  if (faults.length > 0) {
    const more = faults.length > 1 ? ` and ${faults.length - 1} more` : ''
    return { status: 'warn', reason: `${current === undefined ? 'no rules are in use' : 'the rules on disk were refused, the ones before are in use'}: ${faults[0]!}${more}` }
  }
  const stopped = costs?.stopped ?? []
  if (stopped.length > 0) return { status: 'warn', reason: `stopped, since they took too much time: ${stopped.map(({ rule }) => rule).join(', ')}` }
  if (current === undefined) return { status: 'warn', reason: 'the rules are not loaded yet' }
  // until the next start: whoever brought files back sees it, and what was forgotten has its time again by then
  return forgot === undefined ? { status: 'pass' } : { status: 'warn', reason: `${FORGOTTEN[forgot.why]}: it was put aside as ${forgot.aside}, and windows and deadlines that were under way are forgotten` }
}
