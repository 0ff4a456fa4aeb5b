import { Type, type Static } from 'typebox'
import { nullableInteger, nullableString } from './nullable.ts'

/** Why a rule did what it did, as `app` gives it to the API. */

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const Miss = Type.Object({ kind: Type.String(), asked: Type.String(), has: Type.String(), means: Type.String() })
const KeyStateAnswer = Type.Object({ summary: Type.String(), have: nullableInteger(), need: nullableInteger(), due: nullableString() })
const Told = Type.Object({ id: Type.Integer(), state: Type.String(), channel: Type.String(), receiver: Type.String(), done: nullableString(), last_error: nullableString() })
const WhyAlert = Type.Object({
  id: Type.Integer(), state: Type.String(), count: Type.Integer(), title: Type.String(), has_message: Type.Boolean({ description: 'The message lies between its first and its last' }),
  mutes: Type.Array(Type.Object({ mute: Type.String(), why: Type.String() })), notices: Type.Array(Told),
})

export const ExplainAnswer = Type.Object({
  message: Type.Object({ seq: Type.Integer(), received: Type.String(), node: nullableString(), app: Type.String(), severity: Type.String(), text: Type.String() }),
  looked_at: Type.Boolean({ description: 'The rules have come to this message' }),
  tried: Type.Integer({ description: 'Rules that it was held against' }),
  complete: Type.Boolean({ description: 'That is all of them' }),
  rules: Type.Array(
    Type.Object({
      rule: Type.String(), status: Type.String(), passes: Type.Boolean({ description: 'It came through everything to the memory of the rule' }), stops: Type.Array(Type.String(), { description: 'What keeps it from that' }),
      patterns: Type.Array(Type.Object({ role: Type.String(), captures: Type.Record(Type.String(), Type.String()) })),
      key: nullableString('What its alerts are told apart by'), state: nullable(KeyStateAnswer), alert: nullable(WhyAlert),
    }),
  ),
  near: Type.Array(Type.Object({ rule: Type.String(), role: Type.String(), has_literal: Type.Boolean(), misses: Type.Array(Miss) }), { description: 'Conditions that it nearly fulfils, the nearest first' }),
})

const RungAnswer = Type.Object({ gate: Type.String(), outcome: Type.String({ description: 'passed, stopped, unknown' }), why: Type.String(), message: nullableInteger(), at: nullableString() })
export const WhyNotAnswer = Type.Object({
  rule: Type.String(), node: Type.String(), since: Type.String(), verdict: RungAnswer, rungs: Type.Array(RungAnswer), alert: nullableInteger('The alert of the rule about the node'),
  looked: Type.Integer({ description: 'Messages and events that were held against the rule' }), complete: Type.Boolean({ description: 'Those are all since then' }),
})

export const SuggestAnswer = Type.Object({
  good: Type.Boolean({ description: 'There is a rule, and the loader takes it with its tests' }),
  text: nullableString('A rule file (YAML)'), reason: nullableString(), detail: nullableString('Why there is none'),
  regex: nullableString(), contains: nullableString(), groups: Type.Array(Type.String()), remarks: Type.Array(Type.String()),
})

export type ExplainView = Static<typeof ExplainAnswer>
export type WhyNotView = Static<typeof WhyNotAnswer>
export type SuggestView = Static<typeof SuggestAnswer>

/** A line that was chosen: a stored message, or a text of the caller's. */
export interface SuggestLine { readonly app: string; readonly severity: string; readonly text: string }
export interface SuggestRequest {
  readonly id: string
  readonly good: readonly (number | SuggestLine)[]
  readonly bad: readonly (number | SuggestLine)[]
}

export interface WhyPart {
  /** One stored message. */
  explain(seq: number): Promise<ExplainView>
  whyNot(request: { readonly rule: string; readonly node: string; readonly since?: string | undefined }): Promise<WhyNotView>
  suggest(request: SuggestRequest): Promise<SuggestView>
}
