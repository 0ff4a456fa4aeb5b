import { Type } from 'typebox'
import { LOSS_REASONS, type LossReason } from '#domain/loss.ts'

/** The loss ledger, as `app` gives it to the API. */

export const LOSSES_BY = ['reason', 'source', 'listener', 'session', 'hour'] as const
export type LossesBy = (typeof LOSSES_BY)[number]

/** Counts by what they are. `lost`: nowhere, of what came to the hub (`shed`: left out under pressure; `dropped`: the rest); `cut`: stored, not whole; `missing`: numbers that never came here. */
export interface LossCounts {
  readonly lost: number
  readonly shed: number
  readonly dropped: number
  readonly cut: number
  readonly missing: number
  readonly passed_over: number
  readonly doubled: number
}
export interface LossReasonView {
  readonly reason: LossReason
  readonly kind: string
  readonly count: number
  readonly means: string
  readonly mend: string
  readonly first: string
  readonly last: string
}
export interface LossGroupView extends LossCounts {
  /** A reason, the number of a source or session (0: unknown), a listener, or the start of an hour. */
  readonly key: string
  /** For people. */
  readonly name: string
  /** By reason, where there are any. */
  readonly reasons: readonly { readonly reason: LossReason; readonly count: number }[]
  readonly first: string | null
  readonly last: string | null
  /** Of a source or listener, since it was first seen: received = stored + lost. */
  readonly ever: { readonly received: number; readonly stored: number; readonly lost: number } | null
}
export interface LossesView extends LossCounts {
  readonly since: string | null
  readonly until: string | null
  /** One sentence for people. */
  readonly verdict: string
  readonly reasons: readonly LossReasonView[]
  readonly by: LossesBy
  readonly groups: readonly LossGroupView[]
  /** Groups that are not given. */
  readonly others: number
}
export interface ShedView {
  readonly source_id: number
  readonly source: string
  /** As in a search: `template:…`; null: what was beyond the templates that are kept apart. */
  readonly template: string | null
  readonly severity: string
  readonly count: number
  readonly first: string
  readonly last: string
  /** The beginning of the newest one as received; control characters are escaped. */
  readonly sample: string
}
export interface LossesRequest {
  /** A duration before now, or RFC 3339. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** A number or an address. */
  readonly source?: string | undefined
  readonly by: LossesBy
  readonly limit: number
}
export interface LossesPart {
  losses(request: LossesRequest): Promise<LossesView>
  shed(request: { readonly source?: string | undefined; readonly limit: number }): Promise<readonly ShedView[]>
}

const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const Reason = Type.Enum([...LOSS_REASONS])

const counts = {
  lost: Type.Integer({ description: 'Came to the hub and is nowhere: `shed` and `dropped`' }),
  shed: Type.Integer({ description: 'Left out under pressure' }),
  dropped: Type.Integer({ description: 'The kernel had no room, there was no batch, or the disk refused' }),
  cut: Type.Integer({ description: 'Stored, but not whole' }),
  missing: Type.Integer({ description: 'Numbers of sequences of the senders that never came; what the hub itself left out is among them' }),
  passed_over: Type.Integer({ description: 'Numbers of kernel logs that perhaps were never sent' }),
  doubled: Type.Integer({ description: 'Came twice; both are stored, the later is marked' }),
}

export const LossesAnswer = Type.Object({
  since: NullableString,
  until: NullableString,
  verdict: Type.String(),
  ...counts,
  reasons: Type.Array(Type.Object({ reason: Reason, kind: Type.String(), count: Type.Integer(), means: Type.String(), mend: Type.String(), first: Type.String(), last: Type.String() })),
  by: Type.Enum([...LOSSES_BY]),
  groups: Type.Array(Type.Object({
    key: Type.String({ description: 'A reason, the number of a source or session (0: unknown), a listener, or the start of an hour' }),
    name: Type.String(),
    ...counts,
    reasons: Type.Array(Type.Object({ reason: Reason, count: Type.Integer() })),
    first: NullableString,
    last: NullableString,
    ever: Type.Unsafe<{ received: number; stored: number; lost: number } | null>({
      type: ['object', 'null'], properties: { received: { type: 'integer' }, stored: { type: 'integer' }, lost: { type: 'integer' } },
      description: 'Of a source or listener, since it was first seen: received = stored + lost',
    }),
  })),
  others: Type.Integer({ description: 'Groups that are not given' }),
})

export const ShedAnswer = Type.Object({
  source_id: Type.Integer({ description: '0: several' }),
  source: Type.String(),
  template: NullableString,
  severity: Type.String(),
  count: Type.Integer(),
  first: Type.String(),
  last: Type.String(),
  sample: Type.String({ description: 'The beginning of the newest one as received; control characters are escaped' }),
})
