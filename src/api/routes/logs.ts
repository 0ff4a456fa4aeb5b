import { Type } from 'typebox'
import { READERS } from '../access.ts'
import { abortSignalOf } from '../abort-signal.ts'
import type { Routes } from '../room.ts'
import { answers, Message, SearchResult } from '../schemas.ts'

const MAX_RESULTS = 1000
const MAX_QUERY_LENGTH = 4096
const MAX_CONTEXT = 500

const Seq = Type.Object({ seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })

/** Search, one message, its bytes as received, and what was logged around it. */
export const logRoutes: Routes = (app, { parts: { logs } }) => {
  app.get(
    '/api/v1/logs',
    {
      config: { access: READERS },
      schema: {
        summary: 'Search the log',
        tags: ['logs'],
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: MAX_QUERY_LENGTH, default: '', description: 'The query; docs/reference/query.md' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_RESULTS, default: 100 })),
          order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'newest' })),
          cursor: Type.Optional(Type.String({ maxLength: 512, description: 'From the answer before: the next page' })),
        }),
        response: answers({ 200: SearchResult }),
      },
    },
    async (request, reply) => {
      const { q = '', limit = 100, order = 'newest', cursor } = request.query
      void reply.header('cache-control', 'no-store')
      return logs.search({ query: q, limit, order, cursor, signal: abortSignalOf(reply) }) as never
    },
  )

  app.get(
    '/api/v1/logs/:seq',
    { config: { access: READERS }, schema: { summary: 'One message with all its fields', tags: ['logs'], params: Seq, response: answers({ 200: Message }) } },
    (request) => logs.message(request.params.seq) as never,
  )

  app.get(
    '/api/v1/logs/:seq/raw',
    {
      config: { access: READERS },
      schema: { summary: 'The exact bytes as received', tags: ['logs'], params: Seq, produces: ['application/octet-stream'], response: answers({ 200: Type.Any({ description: 'The bytes' }) }) },
    },
    async (request, reply) => {
      const { seq } = request.params
      const bytes = await logs.raw(seq)
      return reply.type('application/octet-stream').header('content-disposition', `attachment; filename="message-${seq}.bin"`).send(Buffer.from(bytes))
    },
  )

  app.get(
    '/api/v1/logs/:seq/context',
    {
      config: { access: READERS },
      schema: {
        summary: 'What was logged around a message, oldest first',
        tags: ['logs'],
        params: Seq,
        querystring: Type.Object({
          before: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_CONTEXT, default: 20 })),
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_CONTEXT, default: 20 })),
        }),
        response: answers({ 200: Type.Object({ messages: Type.Array(Message) }) }),
      },
    },
    async (request) => {
      const { before = 20, after = 20 } = request.query
      return { messages: await logs.context(request.params.seq, before, after) } as never
    },
  )
}
