import { Type } from 'typebox'
import { READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers, Source, SourceDetail } from '../schemas.ts'

/** Who sends, in what form, and what would mend it. */
export const sourceRoutes: Routes = (app, { parts: { sources } }) => {
  app.get(
    '/api/v1/sources',
    { config: { access: READERS }, schema: { summary: 'Who sends messages', tags: ['sources'], response: answers({ 200: Type.Object({ sources: Type.Array(Source) }) }) } },
    async () => ({ sources: await sources.list() }) as never,
  )

  app.get(
    '/api/v1/sources/:source',
    {
      config: { access: READERS },
      schema: {
        summary: 'One sender, by number or address: each form of its messages with a sample, what is wrong with it and what would mend it',
        tags: ['sources'],
        params: Type.Object({ source: Type.String({ minLength: 1, maxLength: 64 }) }),
        response: answers({ 200: SourceDetail }),
      },
    },
    (request) => sources.source(request.params.source) as never,
  )
}
