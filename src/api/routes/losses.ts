import { Type } from 'typebox'
import { READERS } from '../access.ts'
import { LOSSES_BY, LossesAnswer, ShedAnswer } from '../loss-part.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const Source = Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Only of this sender: its number or address' }))
const Time = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 40, description }))

/** What was lost, cut or came twice, by the ledger. */
export const lossRoutes: Routes = (app, { parts: { losses } }) => {
  app.get(
    '/api/v1/losses',
    {
      config: { access: READERS },
      schema: {
        summary: 'The loss ledger: what was lost, cut or came twice, and why',
        description: 'Sent = stored + counted. docs/reference/loss.md explains each reason.',
        tags: ['losses'],
        querystring: Type.Object({
          since: Time('A duration such as `24h`, or RFC 3339; left out: from the beginning'),
          until: Time('RFC 3339; left out: until now'),
          source: Source,
          by: Type.Optional(Type.Enum([...LOSSES_BY], { default: 'reason' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
        }),
        response: answers({ 200: LossesAnswer }),
      },
    },
    async (request) => {
      const { since, until, source, by = 'reason', limit = 100 } = request.query
      return (await losses.losses({ since, until, source, by, limit })) as never
    },
  )

  app.get(
    '/api/v1/losses/shed',
    {
      config: { access: READERS },
      schema: {
        summary: 'What was left out under pressure, by sender and template, with the newest example',
        tags: ['losses'],
        querystring: Type.Object({ source: Source, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })) }),
        response: answers({ 200: Type.Object({ shed: Type.Array(ShedAnswer) }) }),
      },
    },
    async (request) => ({ shed: await losses.shed({ source: request.query.source, limit: request.query.limit ?? 100 }) }) as never,
  )
}
