import { Type } from 'typebox'
import { OPERATORS, READERS } from '../access.ts'
import { LintAnswer, RuleDetailAnswer, RulesAnswer, type LintRequest } from '../rule-part.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

/** A rule file that is tried; those of the hub are read from its disk. */
const MAX_TRIED_BYTES = 512 * 1024

const Tried = Type.Object(
  {
    text: Type.String({ maxLength: MAX_TRIED_BYTES, description: 'A rule file (YAML)' }),
    file: Type.Optional(Type.String({ pattern: String.raw`^[\w.-]{1,128}\.yaml$`, description: 'Its name: it stands for the hub\'s file of this name, or beside them', default: 'tried.yaml' })),
  },
  { additionalProperties: false },
)

/** Rules: what reacts to the stream, and trying texts of rules without changing anything. */
export const ruleRoutes: Routes = (app, { parts: { rules } }) => {
  app.get(
    '/api/v1/rules',
    { config: { access: READERS }, schema: { summary: 'Rules: state, matches, open alerts, and what each costs', tags: ['rules'], response: answers({ 200: RulesAnswer }) } },
    () => rules.list() as never,
  )

  app.get(
    '/api/v1/rules/:id',
    {
      config: { access: READERS },
      schema: { summary: 'One rule: its text, where it is overridden, its tests, known false alarms and runbook', tags: ['rules'], params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) }), response: answers({ 200: RuleDetailAnswer }) },
    },
    (request) => rules.rule(request.params.id) as never,
  )

  const tried = (path: string, summary: string, attempt: (request: LintRequest) => Promise<unknown>): void => {
    app.post(
      path,
      { config: { access: OPERATORS }, bodyLimit: MAX_TRIED_BYTES, schema: { summary, tags: ['rules'], body: Tried, response: answers({ 200: LintAnswer }) } },
      (request) => attempt({ text: request.body.text, file: request.body.file ?? 'tried.yaml' }) as never,
    )
  }
  tried('/api/v1/rules/lint', 'Read a rule file among those of the hub, and say what is wrong with it', (request) => rules.lint(request))
  tried('/api/v1/rules/test', 'The same, and run the tests of all rules', (request) => rules.test(request))
}
