import { basename, dirname } from 'node:path'
import { Type } from 'typebox'
import { BOOTERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { Problem } from '../schemas.ts'

/** Kernels and initial RAM disks, with ranges. Which files there are is provision's decision. */
export const assetRoutes: Routes = (app, { parts: { boot } }) => {
  app.get(
    '/boot/v1/asset/*',
    {
      config: { access: BOOTERS },
      exposeHeadRoute: true,
      schema: {
        summary: 'A kernel, initial RAM disk or image; ranges are understood',
        tags: ['boot'],
        produces: ['application/octet-stream'],
        response: { 200: Type.Any({ description: 'The file' }), 206: Type.Any({ description: 'A part of it' }), 404: Type.Any({ description: 'One line' }), '4xx': Problem },
      },
    },
    async (request, reply) => {
      // no schema: typebox takes the name `*` of the parameter for a pattern; what is a path is provision's decision
      const path = boot.asset((request.params as { readonly '*': string })['*'])
      if (path === undefined) {
        // the one refusal that iPXE must see as a status: it is fetching a file, not asking for a script
        return reply.code(404).type('text/plain; charset=utf-8').send('not-found: there is no such asset\n')
      }
      return reply.type('application/octet-stream').sendFile(basename(path), dirname(path))
    },
  )
}
