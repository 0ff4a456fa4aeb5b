import { Type, type Static } from 'typebox'
import { nullableInteger, nullableString } from './nullable.ts'

/** Rules on the past, as `app` gives them to the API. */

const BacktestAlert = Type.Object({
  rule: Type.String(), severity: Type.String(), title: Type.String(), node: nullableString(), first: Type.String(), fired: nullableString(), last: Type.String(), over: nullableString('null: open at the end'),
  count: Type.Integer(), flaps: Type.Integer(), message: nullableInteger('The one that showed it first (seq)'), notices: Type.Integer({ description: 'That told it' }),
})
const Receiver = Type.Object({
  receiver: Type.String(), known: Type.Boolean({ description: 'The routes have it' }), mails: Type.Integer(), webhooks: Type.Integer(), news: Type.Integer({ description: 'Notices in which an alert fires or is escalated' }),
  still: Type.Integer({ description: 'Repeats' }), resolved: Type.Integer(), digests: Type.Integer(),
})

export const BacktestAnswer = Type.Object({
  from: Type.String(), until: Type.String(), reached: Type.String({ description: 'How far it came' }), complete: Type.Boolean(), reason: nullableString('Why it is not complete: cancelled; alerts: so many that more say nothing'),
  messages: Type.Integer({ description: 'Stored in this time, as far as it came' }), events: Type.Integer({ description: 'Things that the hub noticed in this time' }),
  matches: Type.Integer({ description: 'How often a condition held' }), clears: Type.Integer({ description: 'How often what ends an alert was seen' }), reports: Type.Integer({ description: 'Stages and changes of state that would have been reported' }),
  alerts: Type.Object({
    opened: Type.Integer(), fired: Type.Integer(), unlasted: Type.Integer({ description: 'Over before `for:` had passed' }), flaps: Type.Integer({ description: 'How often one came back while it was held open' }),
    escalated: Type.Integer(), short: Type.Integer({ description: 'Over within 5 minutes after they fired' }), open_at_end: Type.Integer(), refused: Type.Integer({ description: 'Findings for which none was opened: there were as many as may be' }),
  }),
  notices: Type.Object({
    total: Type.Integer(), news: Type.Integer({ description: 'In which an alert fires or is escalated' }), receivers: Type.Array(Receiver),
    left: Type.Array(Type.Object({ reason: Type.String(), count: Type.Integer() }), { description: 'Alerts that were left out of a notice or held back, each time' }),
  }),
  rules: Type.Array(Type.Object({ rule: Type.String(), matches: Type.Integer(), alerts: Type.Integer(), fired: Type.Integer() })),
  nodes: Type.Array(Type.Object({ node: nullableString('null: about no node'), alerts: Type.Integer() }), { description: 'Those with the most alerts that fired' }),
  other_nodes: Type.Object({ nodes: Type.Integer(), alerts: Type.Integer() }),
  step_ms: Type.Integer(), steps: Type.Array(Type.Object({ at: Type.String(), alerts: Type.Integer(), notices: Type.Integer() }), { description: 'Times in which something happened' }),
  first: Type.Array(BacktestAlert), companions: Type.Array(Type.String(), { description: 'Rules that ran too, since the tried ones would not do the same without' }),
  remarks: Type.Array(Type.String(), { description: 'What it cannot know' }),
})

export const NoiseAnswer = Type.Object({
  since: Type.String(), alerts: Type.Integer(), told: Type.Integer(),
  rules: Type.Array(
    Type.Object({
      rule: Type.String(), severity: Type.String(), alerts: Type.Integer({ description: 'That fired' }), unlasted: Type.Integer({ description: 'Over before `for:` had passed' }), open: Type.Integer(),
      told: Type.Integer({ description: 'How often a notice told one of them' }), acknowledged: Type.Integer(), closed: Type.Integer({ description: 'By people' }), unattended: Type.Integer({ description: 'Neither acknowledged nor closed' }),
      self_resolved: Type.Integer({ description: 'Over without anybody' }), short: Type.Integer({ description: 'Of these: within 5 minutes' }), flaps: Type.Integer(),
      returned: Type.Integer({ description: 'Came again within an hour of being over' }), silenced: Type.Integer({ description: 'Covered by a silence when they fired' }),
      nodes: Type.Array(Type.Object({ node: Type.String(), alerts: Type.Integer() })), noise: Type.Integer({ description: 'How often people were told of what nobody looked after, and how often it flapped' }), advice: Type.String(),
    }),
    { description: 'The noisiest first' },
  ),
})

export type BacktestView = Static<typeof BacktestAnswer>
export type NoiseView = Static<typeof NoiseAnswer>

export interface BacktestRequest {
  /** Aborted, it answers with what it has found. */
  readonly signal?: AbortSignal | undefined
  /** Hears now and then how many of the messages of the time are done. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
  /** A rule of the hub's files; or a file. */
  readonly what: { readonly kind: 'rule'; readonly id: string } | { readonly kind: 'file'; readonly file: string; readonly text: string }
  /** A time, or a duration before now. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Alerts that are shown one by one. */
  readonly limit?: number | undefined
}

export interface StudyPart {
  backtest(request: BacktestRequest): Promise<BacktestView>
  noise(request: { readonly since?: string | undefined }): Promise<NoiseView>
}
