import { Type } from 'typebox'
import { OPERATORS, READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers, Session, SessionDetail } from '../schemas.ts'

const Id = Type.Object({ id: Type.String({ pattern: '^(?:[0-9a-f]{1,64}|#[0-9]{1,16})$', description: 'A hash, or `#<number>` (as %23<number> in a URL)' }) })

/** Boot sessions. */
export const sessionRoutes: Routes = (app, { parts: { sessions } }) => {
  app.get(
    '/api/v1/sessions',
    {
      config: { access: READERS },
      schema: {
        summary: 'Boot sessions, newest first',
        tags: ['sessions'],
        querystring: Type.Object({
          node: Type.Optional(Type.String({ maxLength: 253 })),
          pinned: Type.Optional(Type.Boolean({ description: 'Only pinned ones, the last pinned first' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
          before: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Only sessions with a lower id: the next page' })),
        }),
        response: answers({ 200: Type.Object({ sessions: Type.Array(Session) }) }),
      },
    },
    async (request) => {
      const { node, pinned, limit = 100, before } = request.query
      return { sessions: await sessions.list({ node, pinned, limit, before }) } as never
    },
  )

  app.get(
    '/api/v1/sessions/:id',
    { config: { access: READERS }, schema: { summary: 'One boot session', description: 'A hash that fits several is answered with 409 and `choices`.', tags: ['sessions'], params: Id, response: answers({ 200: SessionDetail }) } },
    (request) => sessions.session(request.params.id) as never,
  )

  app.post(
    '/api/v1/sessions/:id/join',
    {
      config: { access: OPERATORS },
      schema: {
        summary: 'Count this session as part of another',
        description: 'Messages are not rewritten; every query follows the join.',
        tags: ['sessions'],
        params: Id,
        body: Type.Object({ into: Type.String({ maxLength: 64, description: 'Hash or #id' }) }, { additionalProperties: false }),
        response: answers({ 200: Session }),
      },
    },
    (request) => sessions.join(request.params.id, request.body.into, request.caller.name) as never,
  )

  app.post(
    '/api/v1/sessions/:id/pin',
    {
      config: { access: OPERATORS },
      schema: {
        summary: 'Keep the messages of a session beyond retention',
        tags: ['sessions'],
        params: Id,
        body: Type.Object({ note: Type.Optional(Type.String({ maxLength: 500, description: 'Why' })) }, { additionalProperties: false }),
        response: answers({ 200: Session }),
      },
    },
    (request) => sessions.pin(request.params.id, request.body.note ?? '', request.caller.name) as never,
  )

  app.delete(
    '/api/v1/sessions/:id/pin',
    { config: { access: OPERATORS }, schema: { summary: 'Let retention have a session again', tags: ['sessions'], params: Id, response: answers({ 200: Session }) } },
    (request) => sessions.unpin(request.params.id, request.caller.name) as never,
  )
}
