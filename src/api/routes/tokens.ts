import { Type } from 'typebox'
import { parseDurationMs } from '#base/duration.ts'
import { AppFault } from '#domain/fault.ts'
import { OPERATORS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers, Token } from '../schemas.ts'

/** Tokens: a secret is shown once, when it is made. */
export const tokenRoutes: Routes = (app, { parts: { tokens, clock } }) => {
  app.get(
    '/api/v1/tokens',
    { config: { access: OPERATORS }, schema: { summary: 'Tokens, without their secrets', tags: ['tokens'], response: answers({ 200: Type.Object({ tokens: Type.Array(Token) }) }) } },
    async () => ({ tokens: tokens.list() }) as never,
  )

  app.post(
    '/api/v1/tokens',
    {
      config: { access: OPERATORS },
      schema: {
        summary: 'Make a token',
        tags: ['tokens'],
        body: Type.Object(
          {
            role: Type.Enum(['operator', 'viewer', 'metrics']),
            label: Type.String({ minLength: 1, maxLength: 200, description: 'Whose it is' }),
            expires: Type.Optional(Type.String({ maxLength: 32, description: 'A duration, e.g. `30d`; by default it does not expire' })),
          },
          { additionalProperties: false },
        ),
        response: answers({ 201: Type.Object({ secret: Type.String({ description: 'Shown this once' }), token: Token }) }),
      },
    },
    async (request, reply) => {
      const { role, label, expires } = request.body
      const spanMs = expires === undefined ? undefined : parseDurationMs(expires)
      if (expires !== undefined && (spanMs === undefined || spanMs === 0)) throw new AppFault('bad-request', `"${expires}" is not a duration like 30d or 12h`)
      const made = tokens.create(role, label, spanMs === undefined ? undefined : clock() + spanMs)
      return reply.code(201).header('cache-control', 'no-store').send(made as never)
    },
  )

  app.delete(
    '/api/v1/tokens/:id',
    {
      config: { access: OPERATORS },
      schema: {
        summary: 'Revoke a token and the logins made from it',
        tags: ['tokens'],
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        querystring: Type.Object({ why: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      tokens.revoke(request.params.id, request.query.why ?? `by ${request.caller.name}`)
      return reply.code(204).send(null)
    },
  )
}
