import type { EvidenceClass } from './lifecycle.ts'

/** What the hub itself notices beside messages, and rules may ask for: words of `event:`. */
export const HUB_EVENTS = {
  session: 'a boot session started or ended (`to`: start, end)',
  stage: 'a stage of a boot session was seen for the first time (`to`: a word of the stage catalogue)',
  state: 'a node changed its lifecycle state (`to`, `from`: words of the lifecycle)',
  alert: 'an alert changed (`to`: firing, acknowledged, resolved)',
  trigger: 'a trigger command of a node was obeyed (`to`: the receiver)',
} as const
export type HubEventKind = keyof typeof HUB_EVENTS
export const HUB_EVENT_KINDS = Object.keys(HUB_EVENTS) as readonly HubEventKind[]

/** One of them. Events are rows of `hub.db`: each kind has a table with rising ids, so that a reader goes on where it stood. */
export interface HubEvent {
  readonly kind: HubEventKind
  /** Number in the table of its kind; rises. */
  readonly id: number
  readonly to: string
  /** The state before; '' where there is none. */
  readonly from: string
  /** 0: about no node. */
  readonly nodeId: number
  readonly sessionId: number
  /** The message that showed it; 0: none did. It comes after this message in the stream. */
  readonly seq: number
  readonly atMs: number
  readonly evidence: EvidenceClass
  /** Of an alert: `rule`, `key`, `severity`, `alert` (its number), and its fields. Of a trigger command: `subject`. Else empty. */
  readonly fields: Readonly<Record<string, string>>
}
