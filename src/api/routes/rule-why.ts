import { Type } from 'typebox'
import { SEVERITIES } from '#domain/severity.ts'
import { OPERATORS, READERS } from '../access.ts'
import { maskFor, shownTo } from '../mask.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { ExplainAnswer, SuggestAnswer, WhyNotAnswer } from '../why-part.ts'

/** Gates that say what servers answered. */
const OF_SERVERS = ['outbox', 'told']
const MAX_LINES = 50
const MAX_LINE_CHARACTERS = 8192
const Line = Type.Object(
  { app: Type.String({ maxLength: 128 }), severity: Type.Enum([...SEVERITIES], { default: 'info' }), text: Type.String({ minLength: 1, maxLength: MAX_LINE_CHARACTERS }) },
  { additionalProperties: false },
)
const lines = (description: string, minItems: number) => Type.Array(Type.Union([Type.Integer({ minimum: 1 }), Line]), { minItems, maxItems: MAX_LINES, description })
const Chosen = Type.Object(
  {
    id: Type.Optional(Type.String({ pattern: '^[a-z0-9]+([.-][a-z0-9]+)*$', maxLength: 128, default: 'suggested.rule', description: 'Of the rule' })),
    good: lines('Numbers of stored messages, or lines, that the rule is for', 1),
    bad: Type.Optional(lines('Those that it must not match', 0)),
  },
  { additionalProperties: false },
)

/** Why a rule did what it did, or did not; and a rule out of lines. None of it changes anything. */
export const ruleWhyRoutes: Routes = (app, { parts: { why } }) => {
  app.get(
    '/api/v1/rules/explain',
    {
      config: { access: READERS },
      schema: {
        summary: 'One stored message against every rule: what it fulfils, its key and what is remembered of it, its alert, and the nearest misses', tags: ['rules'],
        querystring: Type.Object({ message: Type.Integer({ minimum: 1, description: 'Its seq' }) }), response: answers({ 200: ExplainAnswer }),
      },
    },
    async ({ query, caller }) => {
      const shown = shownTo(caller.role)
      const explained = await why.explain(query.message)
      return { ...explained, rules: explained.rules.map((rule) => (rule.alert === null ? rule : { ...rule, alert: { ...rule.alert, notices: shown(rule.alert.notices) } })) } as never
    },
  )

  app.get(
    '/api/v1/rules/:id/why-not',
    {
      config: { access: READERS },
      schema: {
        summary: 'Why a rule has told nobody about a node: the first gate that stopped it', tags: ['rules'], params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) }),
        querystring: Type.Object({ node: Type.String({ minLength: 1, maxLength: 255 }), since: Type.Optional(Type.String({ maxLength: 64, description: 'A time, or a duration before now; default 24h' })) }),
        response: answers({ 200: WhyNotAnswer }),
      },
    },
    async ({ params, query, caller }) => {
      const mask = maskFor(caller.role)
      const told = await why.whyNot({ rule: params.id, ...query })
      const shown = (rung: (typeof told)['verdict']): (typeof told)['verdict'] => (OF_SERVERS.includes(rung.gate) ? { ...rung, why: mask(rung.why) } : rung)
      return { ...told, verdict: shown(told.verdict), rungs: told.rungs.map(shown) } as never
    },
  )

  app.post(
    '/api/v1/rules/suggest',
    { config: { access: OPERATORS }, bodyLimit: 1024 * 1024, schema: { summary: 'A rule with tests out of chosen lines', tags: ['rules'], body: Chosen, response: answers({ 200: SuggestAnswer }) } },
    ({ body: { id = 'suggested.rule', good, bad = [] } }) => why.suggest({ id, good, bad }) as never,
  )
}
