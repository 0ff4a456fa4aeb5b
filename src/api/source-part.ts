import type { MessageView } from './message-view.ts'

/** Who sends, as `app` gives it to the API. */
export interface SourceView {
  readonly id: number
  readonly address: string
  readonly transport: string
  readonly listener: string
  /** The name in the TLS certificate that it showed last. */
  readonly certificate: string | null
  readonly roles: readonly string[]
  readonly first_seen: string
  readonly last_seen: string
  readonly messages: number
  readonly faulty: number
  readonly conflicts: number
  /** The most frequent first; shares are from 0 to 1. */
  readonly dialects: readonly ShareView[]
  /** The deviation that is found most often: damage before what a form leaves out. */
  readonly worst: ShareView | null
  /** What its stamps mean, and how that is known; `stated`: they say it themselves. */
  readonly zone: { readonly name: string | null; readonly by: SourceZoneBy }
  readonly clock: ClockView | null
  /** Over the last minutes, and since it was first seen. */
  readonly per_minute: number
  readonly mean_per_minute: number
}
interface ShareView { readonly name: string; readonly share: number }
export const SOURCE_ZONE_BY = ['configured', 'learned', 'stated', 'unknown', 'no-stamps'] as const
export type SourceZoneBy = (typeof SOURCE_ZONE_BY)[number]
/** How far a clock is ahead of the hub's, and when that was last seen. */
export interface ClockView { readonly offset_ms: number; readonly confirmed: string }
export interface SourceFormView {
  readonly format: string
  readonly means: string
  /** `kind`: damage, lack, note; what the deviation means and what would mend it, as docs/reference/dialects.md says. */
  readonly deviations: readonly { readonly name: string; readonly kind: string; readonly means: string; readonly mend: string }[]
  readonly messages: number
  readonly share: number
  readonly first: string
  readonly last: string
  readonly last_seq: number
  /** The last message of this form; null: retention has removed it. */
  readonly sample: MessageView | null
}
export interface SourceDetail extends SourceView {
  /** The node that has this address. */
  readonly node: string | null
  readonly forms: readonly SourceFormView[]
  /** Of a relay: the zones learned of the host names that it speaks for. */
  readonly zones: readonly { readonly host: string; readonly zone: string; readonly since: string; readonly confirmed: string }[]
}
export interface SourcesPart {
  list(): Promise<readonly SourceView[]>
  /** By number or address; an address that sends in several ways is answered with the choice (AppFault `ambiguous`, detail.choices). */
  source(idOrAddress: string): Promise<SourceDetail>
}
