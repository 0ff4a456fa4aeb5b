import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { READERS } from '../access.ts'
import { longAnswer } from '../long-answer.ts'
import type { Asking, SearchAnswer } from '../parts.ts'
import type { Routes } from '../room.ts'
import { createRunningSearches } from '../running-searches.ts'
import { answers, CountResult, Message, SearchResult } from '../schemas.ts'
import { fieldsWhere, withFields } from '../with-fields.ts'

const MAX_RESULTS = 1000
const MAX_QUERY_LENGTH = 4096
const MAX_CONTEXT = 500
const MAX_GROUPS = 10_000
const LONG = 'With `Accept: text/event-stream` the answer is events: `started` ({id}), `progress` ({done, total}), then `result`, or `fault` (a problem). Closing the connection ends the search; `DELETE /api/v1/logs/running/{id}` ends it and gives what was found.'

const Seq = Type.Object({ seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })

/** Search, one message, its bytes as received, and what was logged around it. */
export const logRoutes: Routes = (app, room) => {
  const { logs } = room.parts
  const running = createRunningSearches()

  app.get(
    '/api/v1/logs',
    {
      config: { access: READERS },
      schema: {
        summary: 'Search the log',
        description: LONG,
        tags: ['logs'],
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: MAX_QUERY_LENGTH, default: '', description: 'The query; docs/reference/query.md' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_RESULTS, default: 100 })),
          order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'newest' })),
          cursor: Type.Optional(Type.String({ maxLength: 512, description: 'From the answer before: the next page' })),
          fields: Type.Optional(Type.Boolean({ description: '`1`: with the fields of each message' })),
        }),
        response: answers({ 200: SearchResult }),
      },
    },
    async (request, reply) => {
      const { q = '', limit = 100, order = 'newest', cursor, fields } = request.query
      const work = async (asking: Required<Asking>): Promise<SearchAnswer> => {
        const answer = await logs.search({ query: q, limit, order, cursor, ...asking })
        return fields === true ? { ...answer, messages: answer.messages.map(withFields) } : answer
      }
      return longAnswer(request, reply, { room, running, work }) as never
    },
  )

  app.get(
    '/api/v1/logs/count',
    {
      config: { access: READERS },
      schema: {
        summary: 'Count messages in groups: top values, histogram, top templates',
        description: LONG,
        tags: ['logs'],
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: MAX_QUERY_LENGTH, default: '' })),
          by: Type.Optional(Type.String({ maxLength: 600, description: 'Up to two keys with a comma between: a field (`node`, `app`, `template` …), `time`, `sd.NAME`, `.NAME`; none: the total alone' })),
          step: Type.Optional(Type.String({ maxLength: 20, default: 'auto', description: 'Of `time`: a duration like `5m`, or `auto` for about 60 steps' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_GROUPS, description: 'Groups, the largest first, by default 20; time steps in order of time, by default 1000' })),
        }),
        response: answers({ 200: CountResult }),
      },
    },
    async (request, reply) => {
      const { q = '', by = '', step, limit } = request.query
      const keys = by.split(',').map((key) => key.trim()).filter((key) => key !== '')
      return longAnswer(request, reply, { room, running, work: (asking) => logs.count({ query: q, by: keys, step, limit, ...asking }) }) as never
    },
  )

  app.delete(
    '/api/v1/logs/running/:id',
    {
      config: { access: READERS },
      schema: {
        summary: 'Stop a search of this caller; it answers with what it has found',
        tags: ['logs'],
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      if (!running.stop(request.params.id, request.caller)) throw new AppFault('not-found', 'This search is over, or another caller began it')
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/logs/:seq',
    {
      config: { access: READERS },
      schema: { summary: 'One message with all its fields', tags: ['logs'], params: Seq, querystring: Type.Object({ fields: Type.Optional(Type.Boolean({ description: '`1`: with what its text says under a name' })) }), response: answers({ 200: Message }) },
    },
    async (request) => fieldsWhere(request.query.fields)(await logs.message(request.params.seq)) as never,
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
