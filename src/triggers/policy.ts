import { ALERT_SEVERITIES, type AlertSeverity } from '#domain/alert.ts'

/** Severities of rules are those of their alerts. */
export const RULE_SEVERITIES = ALERT_SEVERITIES
export type RuleSeverity = AlertSeverity

/** `shadow`: evaluated, recorded and counted, tells nobody and reports nothing. `off`: loaded and tested, not evaluated. */
export const RULE_STATUSES = ['live', 'shadow', 'off'] as const
export type RuleStatus = (typeof RULE_STATUSES)[number]

/**
 * What main has to know of a rule to keep its alerts and to tell people: the whole of it is plain data, since it comes
 * from the rules thread, and stands in `hub.db` beside alerts whose rule is gone.
 */
export interface Policy {
  readonly rule: string
  readonly version: string
  readonly stateVersion: string
  readonly severity: RuleSeverity
  readonly status: RuleStatus
  /** Handlebars text, medium `mail`. */
  readonly title: string
  readonly by: readonly string[]
  /** It must have lasted this long before the alert fires; 0: at once. */
  readonly forMs: number
  /** It stays open this long after it was over, and coming back meanwhile is the same alert: flapping tells nobody twice. */
  readonly holdMs: number
  readonly resolve: {
    /** Over after this long without a match; undefined: not by quiet. */
    readonly quietMs: number | undefined
    /** Over with the boot session that it is about. */
    readonly atSessionEnd: boolean
    /** Only a person closes it. */
    readonly never: boolean
  }
  readonly notify: PolicyNotify | undefined
  /** Others are told when it goes on for so long. */
  readonly escalate: readonly { readonly afterMs: number; readonly unlessAcknowledged: boolean; readonly to: string; readonly severity: RuleSeverity | undefined }[]
  /** While it fires, alerts of these rules (ids, a trailing `*`) with the same values of `equal` tell nobody. A field that either side lacks never is equal. */
  readonly inhibit: { readonly rules: readonly string[]; readonly equal: readonly string[] } | undefined
  /** It raises alerts at all: not where it only reports stages and transitions, or only suppresses. */
  readonly raisesAlerts: boolean
  readonly runbook: string | undefined
  readonly owner: string | undefined
}

export interface PolicyNotify {
  /** A receiver of `routes.yaml`; undefined: the routes decide by severity, rule and node. */
  readonly to: string | undefined
  /** Overrides of what the route says. */
  readonly waitMs: number | undefined
  readonly everyMs: number | undefined
  /** Messages of the same node around the first one. */
  readonly before: number
  readonly after: number
}

/** Where nothing is said, an alert is over after this long without a match. */
export const DEFAULT_QUIET_MS = 24 * 3_600_000
