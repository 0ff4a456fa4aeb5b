import { Type, type Static } from 'typebox'
import { AlertAnswer } from './alert-part.ts'
import { nullableString } from './nullable.ts'

/** Silences about alerts, as `app` gives them to the API. */

export const SILENCE_STATES = ['ahead', 'now', 'over', 'ended'] as const
export const AlertSilenceAnswer = Type.Object({
  id: Type.Integer(),
  matchers: Type.Array(Type.String(), { description: '`field=value`, `field!=value`, `field~beginning*`; all must hold' }),
  from: Type.String(),
  until: Type.String(),
  state: Type.Enum([...SILENCE_STATES]),
  reason: Type.String(),
  by: Type.String(),
  made: Type.String(),
  ended: nullableString(),
  ended_by: nullableString(),
  covers: Type.Integer({ description: 'Open alerts that it covers now; 0 unless it is in force' }),
})
export const SilencePreviewAnswer = Type.Object({
  matchers: Type.Array(Type.String()),
  total: Type.Integer({ description: 'Open alerts that such a silence would cover' }),
  alerts: Type.Array(AlertAnswer, { description: 'The first of them, the most severe first' }),
})

export type AlertSilenceView = Static<typeof AlertSilenceAnswer>
export type SilencePreviewView = Static<typeof SilencePreviewAnswer>

export interface AlertSilenceRequest {
  readonly matchers: readonly string[]
  /** A duration; this or `until`. */
  readonly for?: string | undefined
  /** RFC 3339; left out: now. */
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly reason: string
  readonly by: string
}

export interface AlertSilencesPart {
  /** Newest first; what is over stays as history. */
  list(): Promise<readonly AlertSilenceView[]>
  add(request: AlertSilenceRequest): Promise<AlertSilenceView>
  preview(matchers: readonly string[]): Promise<SilencePreviewView>
  /** AppFault `not-found`; `conflict` when it is over already. */
  end(id: number, by: string): Promise<AlertSilenceView>
}
