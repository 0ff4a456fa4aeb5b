import type { Health, HealthResult } from '#telemetry/index.ts'
import type { MailConfig } from './config.ts'
import type { RulesEvent, StoppedRule } from './protocol.ts'
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
  /** The last time that the rules thread ended by a fault. */
  readonly ended: RulesEnd | undefined
  /** The rules thread ended by a fault. */
  end(reason: string, atMs: number): void
}

export interface RulesEnd { readonly reason: string; readonly atMs: number; /** It has not begun again. */ readonly isOut: boolean }

export function createRulesStatus(): RulesStatus {
  let current: RulesStatus['current']
  let faults: readonly string[] = []
  let costs: RulesStatus['costs']
  let forgot: RulesStatus['forgot']
  let ended: RulesEnd | undefined
  return {
    take(event) {
      if (ended?.isOut === true && (event.kind === 'loaded' || event.kind === 'refused')) ended = { ...ended, isOut: false }
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
    get ended() {
      return ended
    },
    end(reason, atMs) {
      ended = { reason, atMs, isOut: true }
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

function rulesHealth({ current, faults, costs, forgot, ended }: RulesStatus): HealthResult {
  if (ended?.isOut === true) return { status: 'warn', reason: `the rules ended by a fault and are started again; messages are stored and looked at then: ${ended.reason}` }
  if (faults.length > 0) {
    const more = faults.length > 1 ? ` and ${faults.length - 1} more` : ''
    return { status: 'warn', reason: `${current === undefined ? 'no rules are in use' : 'the rules on disk were refused, the ones before are in use'}: ${faults[0]!}${more}` }
  }
  const stopped = costs?.stopped ?? []
  if (stopped.length > 0) return { status: 'warn', reason: stoppedText(stopped) }
  if (current === undefined) return { status: 'warn', reason: 'the rules are not loaded yet' }
  // until the next start: whoever brought files back sees it, and what was forgotten has its time again by then
  return forgot === undefined ? { status: 'pass' } : { status: 'warn', reason: `${FORGOTTEN[forgot.why]}: it was put aside as ${forgot.aside}, and windows and deadlines that were under way are forgotten` }
}

function stoppedText(stopped: readonly StoppedRule[]): string {
  const named = (why: string, rules: readonly StoppedRule[]) => (rules.length === 0 ? [] : [`stopped, since they ${why}: ${rules.map(({ rule }) => rule).join(', ')}`])
  return [...named('took the rules down', stopped.filter(({ share }) => share === undefined)), ...named('took too much time', stopped.filter(({ share }) => share !== undefined))].join('; ')
}
