import type { AlertSeverity } from '#domain/alert.ts'

/** How noisy one rule was. */
export interface NoiseRule {
  readonly rule: string
  /** Of its last alert. */
  readonly severity: AlertSeverity
  /** Alerts that fired, and those that were over before they had lasted long enough. */
  readonly alerts: number
  readonly unlasted: number
  readonly open: number
  /** How often somebody was told: notices, an alert in several counts in each. */
  readonly told: number
  readonly acknowledged: number
  readonly closed: number
  /** Alerts that nobody acknowledged or closed. */
  readonly unattended: number
  /** Over without anybody; those of them that were over within minutes; and in what time nine of ten of these were. */
  readonly selfResolved: number
  readonly short: number
  readonly shortWithinMs: number
  readonly flaps: number
  /** Alerts that came again within an hour after one about the same was over. */
  readonly returned: number
  /** A silence covered them when they began to fire. */
  readonly silenced: number
  /** The nodes with the most of them. */
  readonly nodes: readonly { readonly node: string; readonly alerts: number }[]
  /** How often people were told of what nobody looked after, and how often it flapped. */
  readonly noise: number
  readonly advice: string
}

export interface NoiseReport {
  /** The noisiest first. */
  readonly rules: readonly NoiseRule[]
  readonly alerts: number
  readonly told: number
}
