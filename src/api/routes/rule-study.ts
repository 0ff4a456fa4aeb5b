import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { OPERATORS, READERS } from '../access.ts'
import { longAnswer } from '../long-answer.ts'
import type { Routes } from '../room.ts'
import { createRunningSearches } from '../running-searches.ts'
import { answers } from '../schemas.ts'
import { BacktestAnswer, NoiseAnswer } from '../study-part.ts'

const MAX_TRIED_BYTES = 512 * 1024
const MAX_SHOWN = 1000
const Time = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }))
const Asked = Type.Object(
  {
    rule: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'Id of a rule of the hub\'s files, whatever its status; or `text`' })),
    text: Type.Optional(Type.String({ maxLength: MAX_TRIED_BYTES, description: 'A rule file (YAML), whose rules are all tried' })),
    file: Type.Optional(Type.String({ pattern: String.raw`^[\w.-]{1,128}\.yaml$`, description: 'Its name: it stands for the hub\'s file of this name, or beside them', default: 'tried.yaml' })),
    since: Time('A time, or a duration before now; default 7d'),
    until: Time('Likewise; default now'),
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_SHOWN, default: 20, description: 'Alerts that are shown one by one, the first ones' })),
  },
  { additionalProperties: false },
)
const LONG = 'With `Accept: text/event-stream` the answer is events: `started` ({id}), `progress` ({done, total} messages), then `result`, or `fault` (a problem). Closing the connection ends it; `DELETE /api/v1/rules/backtest/running/{id}` ends it and gives what was found.'

/** Rules on the past: what they would have done, and which of them people could do without. Nothing is changed. */
export const ruleStudyRoutes: Routes = (app, room) => {
  const { study } = room.parts
  const running = createRunningSearches()

  app.post(
    '/api/v1/rules/backtest',
    {
      config: { access: OPERATORS }, bodyLimit: MAX_TRIED_BYTES,
      schema: { summary: 'What a rule, or the rules of a file, would have done: matches, alerts, notices', description: LONG, tags: ['rules'], body: Asked, response: answers({ 200: BacktestAnswer }) },
    },
    (request, reply) => {
      const { rule, text, file = 'tried.yaml', since, until, limit } = request.body
      if ((rule === undefined) === (text === undefined)) throw new AppFault('bad-request', 'Either `rule` or `text` says what is tried')
      const what = rule === undefined ? ({ kind: 'file', file, text: text! } as const) : ({ kind: 'rule', id: rule } as const)
      return longAnswer(request, reply, { room, running, work: (asking) => study.backtest({ what, since, until, limit, ...asking }) }) as never
    },
  )

  app.delete(
    '/api/v1/rules/backtest/running/:id',
    { config: { access: OPERATORS }, schema: { summary: 'Stop a back-test of this caller; it answers with what it has found', tags: ['rules'], params: Type.Object({ id: Type.String({ maxLength: 64 }) }), response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      if (!running.stop(request.params.id, request.caller)) throw new AppFault('not-found', 'This back-test is over, or another caller began it')
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/rules/noise',
    {
      config: { access: READERS },
      schema: {
        summary: 'Which rules told people most of what nobody looked after, with an advice for each', tags: ['rules'],
        querystring: Type.Object({ since: Time('Alerts that began then or later; a time, or a duration before now; default 30d') }), response: answers({ 200: NoiseAnswer }),
      },
    },
    (request) => study.noise(request.query) as never,
  )
}
