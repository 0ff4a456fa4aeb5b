import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { PUBLIC } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

/** The web pages, from memory. They hold no data: every value comes through the API. */
export const pageRoutes: Routes = (app, { pages }) => {
  const options = { config: { access: PUBLIC }, exposeHeadRoute: true } as const
  const response = answers({ 200: Type.Any({ description: 'The file' }) })

  app.get('/', { ...options, schema: { summary: 'The web pages', tags: ['hub'], response } }, async (request, reply) => send(request, reply, 'index.html'))
  app.get(
    '/web/:file',
    { ...options, schema: { summary: 'A file of the web pages', tags: ['hub'], params: Type.Object({ file: Type.String({ maxLength: 100 }) }), response } },
    async (request, reply) => send(request, reply, request.params.file),
  )

  function send(request: FastifyRequest, reply: FastifyReply, name: string): FastifyReply {
    const file = pages.get(name)
    if (file === undefined) throw new AppFault('not-found', 'There is no such file')
    void reply.header('etag', file.etag).header('cache-control', 'no-cache')
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
    return reply.type(file.type).send(Buffer.from(file.bytes))
  }
}
