import { Type, type Static } from 'typebox'
import { ALERT_REASONS, ALERT_SEVERITIES, ALERT_STATES, MUTES, type AlertReason, type AlertSeverity, type AlertState, type Mute } from '#domain/alert.ts'
import type { MessageView } from './message-view.ts'
import { nullableInteger, nullableString } from './nullable.ts'
import { Message } from './schemas.ts'

/** Alerts, as `app` gives them to the API. Times are RFC 3339; all texts but the rule's own are an attacker's. */

const MuteAnswer = Type.Object({
  mute: Type.Enum(Object.keys(MUTES) as Mute[]),
  why: Type.String({ description: 'One sentence for people' }),
  silence: nullableInteger('The silence that covers it'),
  alert: nullableInteger('The alert that says it all'),
  until: nullableString(),
})

export const AlertAnswer = Type.Object({
  id: Type.Integer(),
  rule: Type.String(),
  key: Type.String(),
  state: Type.Enum([...ALERT_STATES]),
  severity: Type.Enum([...ALERT_SEVERITIES]),
  title: Type.String(),
  node: nullableString(),
  session: nullableString(),
  first: Type.String({ description: 'Of the first message that showed it' }),
  last: Type.String({ description: 'Of the latest one' }),
  fired: nullableString('When it began to fire; null: it has not lasted as long as its rule asks for'),
  over: nullableString('It is over since then; while it is open it may come back'),
  resolved: nullableString(),
  count: Type.Integer(),
  flaps: Type.Integer({ description: 'How often it came back while it was held open' }),
  late: Type.Boolean({ description: 'It was found late: its deadline passed while the hub was not running' }),
  acknowledged_by: nullableString(),
  acknowledged_note: nullableString(),
  mutes: Type.Array(MuteAnswer, { description: 'What keeps it from telling anybody, while it is open' }),
})

const Transition = Type.Object({
  at: Type.String(),
  from: Type.Unsafe<AlertState | null>({ type: ['string', 'null'], description: 'null: it is new' }),
  to: Type.Enum([...ALERT_STATES]),
  reason: Type.Enum(Object.keys(ALERT_REASONS) as AlertReason[]),
  means: Type.String(),
  by: Type.String({ description: 'The person; empty: the hub' }),
  note: Type.String({ description: 'What the person wrote, why the rule said so, or whom it was escalated to' }),
  seq: nullableInteger('The message that led to it'),
})

const AlertNotice = Type.Object({
  id: Type.Integer({ description: 'In the outbox' }),
  state: Type.String(),
  channel: Type.String(),
  receiver: Type.String(),
  telling: nullableString('What it tells of this alert: firing, still, escalated, acknowledged, resolved …'),
  created: Type.String(),
  done: nullableString(),
  attempts: Type.Integer(),
  last_error: nullableString(),
})

const PolicyAnswer = Type.Object(
  {
    version: Type.String({ description: 'Of the rule' }),
    status: Type.String(),
    in_use: Type.Boolean({ description: 'False: there is no such rule any more; this is what it asked for last' }),
    by: Type.Array(Type.String()),
    for_ms: Type.Integer(),
    hold_ms: Type.Integer(),
    quiet_ms: nullableInteger('It is over after this long without a match'),
    at_session_end: Type.Boolean(),
    only_by_person: Type.Boolean(),
    notify: nullableString('A receiver; null: the routes decide'),
    repeat_ms: nullableInteger('Told again this often; null: the route decides'),
    escalate: Type.Array(Type.Object({ after_ms: Type.Integer(), to: Type.String(), unless_acknowledged: Type.Boolean(), severity: nullableString() })),
    runbook: nullableString(),
    owner: nullableString(),
  },
  { description: 'What its rule asks for' },
)

const detail = {
  fields: Type.Record(Type.String(), Type.String(), { description: 'Of its key, and what the last message said under a name' }),
  host: Type.String(),
  app: Type.String(),
  text: Type.String({ description: 'Of the message that showed it last' }),
  first_seq: nullableInteger(),
  last_seq: nullableInteger(),
  due: nullableString('When time alone changes it next'),
  link: Type.String({ description: 'Where a person looks at it' }),
  policy: PolicyAnswer,
  transitions: Type.Array(Transition, { description: 'Oldest first' }),
  notices: Type.Array(AlertNotice, { description: 'Who was told, newest first' }),
}
export const AlertDetailAnswer = Type.Object({
  ...AlertAnswer.properties,
  ...detail,
  context: Type.Array(Message, { description: 'Messages of its session (else of its node) around the one that showed it last, oldest first' }),
})

const AlertCount = Type.Object({ state: Type.Enum([...ALERT_STATES]), severity: Type.Enum([...ALERT_SEVERITIES]), count: Type.Integer() })
export const AlertsAnswer = Type.Object({
  alerts: Type.Array(AlertAnswer),
  cursor: nullableString('Given back, it gets the next page'),
  open: Type.Array(AlertCount, { description: 'All that are open, whatever was asked for' }),
  calm_since: nullableString('Where nothing fires: when the last alert was over; null: there never was one, or something fires'),
})

export const AlertEvent = Type.Object({ id: Type.Integer({ description: 'Of the transition; what `Last-Event-ID` takes' }), ...Transition.properties, alert: AlertAnswer })

export type MuteView = Static<typeof MuteAnswer>
export type AlertView = Static<typeof AlertAnswer>
export type AlertTransitionView = Static<typeof Transition>
export type AlertNoticeView = Static<typeof AlertNotice>
export type AlertPolicyView = Static<typeof PolicyAnswer>
export type AlertDetail = Omit<Static<typeof AlertDetailAnswer>, 'context'> & { readonly context: readonly MessageView[] }
export type AlertsView = Static<typeof AlertsAnswer>
export type AlertEventView = Static<typeof AlertEvent>

export const ALERT_ORDERS = ['newest', 'worst'] as const
export interface AlertsRequest {
  readonly states?: readonly AlertState[] | undefined
  readonly severities?: readonly AlertSeverity[] | undefined
  /** Ids; a trailing `*` for a beginning. */
  readonly rules?: readonly string[] | undefined
  readonly node?: string | undefined
  /** A duration before now, or RFC 3339: alerts that began since. */
  readonly since?: string | undefined
  /** `worst`: the most severe first, each severity with the newest first. */
  readonly order: (typeof ALERT_ORDERS)[number]
  readonly limit: number
  readonly cursor?: string | undefined
}

export const ALERT_DEEDS = ['acknowledge', 'unacknowledge', 'close'] as const
export interface AlertDeed {
  readonly id: number
  readonly does: (typeof ALERT_DEEDS)[number]
  readonly who: string
  readonly note: string
  /** Only when it still is in this state. */
  readonly state?: AlertState | undefined
}

/** `skipped`: more happened than is told one by one; what is there now can be listed. */
export type AlertItem = { readonly kind: 'transition'; readonly event: AlertEventView } | { readonly kind: 'skipped'; readonly fromId: number; readonly toId: number; readonly count: number }

export interface AlertsPart {
  list(request: AlertsRequest): Promise<AlertsView>
  alert(id: number): Promise<AlertDetail>
  /** AppFault `conflict` when it is in another state, or cannot be done in the one it is in. */
  act(deed: AlertDeed): Promise<AlertView>
  /**
   * Every transition after `afterId` (undefined: from now) for ever. Returns the end. `deliver` returning false: it was not
   * taken, and comes again.
   */
  follow(request: { readonly afterId?: number | undefined; deliver(item: AlertItem): boolean; readonly onFault: (fault: unknown) => void }): () => void
}
