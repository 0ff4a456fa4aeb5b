import { Type, type Static } from 'typebox'
import { nullableString } from './nullable.ts'

/** The outbox and who is told, as `app` gives them to the API. */

export const OUTBOX_VIEW_STATES = ['queued', 'held', 'sending', 'retry', 'sent', 'dead', 'cancelled'] as const

export const OutboxAnswer = Type.Object({
  id: Type.Integer(),
  state: Type.Enum([...OUTBOX_VIEW_STATES]),
  channel: Type.String(),
  receiver: Type.String(),
  kind: Type.String({ description: 'alerts, digest, command, test, dead' }),
  rule: nullableString('Of all its alerts; null: of several, or none'),
  subject: Type.String(),
  attempts: Type.Integer(),
  created: Type.String(),
  next: nullableString('When it is tried next'),
  done: nullableString(),
  last_error: nullableString(),
  reply: nullableString('What the other side said when it took it'),
})
export const OutboxListAnswer = Type.Object({
  outbox: Type.Array(OutboxAnswer),
  cursor: nullableString('Given back, it gets the next page'),
  counts: Type.Array(Type.Object({ state: Type.Enum([...OUTBOX_VIEW_STATES]), count: Type.Integer() })),
})
export const OutboxDetailAnswer = Type.Object({
  ...OutboxAnswer.properties,
  alerts: Type.Array(Type.Integer(), { description: 'That it tells' }),
  expires: nullableString('From then on it is old news'),
  give_up: nullableString('It is not tried after that'),
  payload: Type.Unsafe<unknown>({ description: 'The notice that its channel makes a message of' }),
})
export const ReceiverAnswer = Type.Object({
  name: Type.String(),
  channels: Type.Array(Type.Object({ kind: Type.String({ description: 'mail, webhook' }), to: Type.Array(Type.String(), { description: 'Addresses; masked for viewers' }) })),
  max_per_hour: Type.Integer(),
})

const Trial = Type.Object({
  channel: Type.String(),
  name: Type.String({ description: 'Of a web address; of mail the server' }),
  sent: Type.Boolean(),
  answer: Type.String({ description: 'What the other side said, or why there was no answer' }),
  reason: nullableString('Why it was not sent'),
  permanent: Type.Boolean({ description: 'True: trying again would not help' }),
  mail: Type.Unsafe<MailTrialView | null>({
    type: ['object', 'null'], additionalProperties: true,
    description: 'Of a mail: `addresses`, those `accepted`, `refused` with the answer, `capabilities` of the server, `tls`, `message_id`, `took_ms`, and the `dialogue` without passwords',
  }),
})
export const TrialAnswer = Type.Object({ receiver: Type.String(), channels: Type.Array(Trial) })

export interface MailTrialView {
  readonly addresses: readonly string[]
  readonly accepted: readonly string[]
  readonly refused: readonly { readonly address: string; readonly answer: string }[]
  readonly capabilities: readonly string[]
  readonly tls: string | null
  readonly message_id: string
  readonly took_ms: number
  readonly dialogue: readonly { readonly who: string; readonly text: string }[]
}
export type TrialView = Static<typeof TrialAnswer>
export type OutboxView = Static<typeof OutboxAnswer>
export type OutboxListView = Static<typeof OutboxListAnswer>
export type OutboxDetail = Static<typeof OutboxDetailAnswer>
export type ReceiverView = Static<typeof ReceiverAnswer>

export interface OutboxRequest {
  readonly states?: readonly OutboxView['state'][] | undefined
  readonly receiver?: string | undefined
  /** Rows about alerts of this rule, among others. */
  readonly rule?: string | undefined
  readonly alert?: number | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}
/** What waits and is not wanted any more. */
export type CancelScope = { readonly rule: string } | { readonly receiver: string } | { readonly all: true }

export interface OutboxPart {
  /** Newest first. */
  list(request: OutboxRequest): Promise<OutboxListView>
  row(id: number): Promise<OutboxDetail>
  /** One that was given up or cancelled is sent again. AppFault `conflict` when it is neither. */
  retry(id: number, by: string): Promise<OutboxDetail>
  /** AppFault `conflict` when it waits no longer. */
  cancel(id: number, by: string): Promise<OutboxDetail>
  /** Returns how many. */
  cancelAll(scope: CancelScope, by: string): Promise<number>
  receivers(): Promise<readonly ReceiverView[]>
  /** Sends a notice that says what it is by every channel, past the outbox, and waits for the answers. */
  tryReceiver(name: string, by: string): Promise<TrialView>
}
