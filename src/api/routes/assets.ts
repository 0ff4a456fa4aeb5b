import { basename, dirname } from 'node:path'
import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
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
        response: { 200: Type.Any({ description: 'The file' }), 206: Type.Any({ description: 'A part of it' }), '4xx': Problem },
      },
    },
    async (request, reply) => {
      // no schema: typebox takes the name `*` of the parameter for a pattern; what is a path is provision's decision
      const path = boot.asset((request.params as { readonly '*': string })['*'])
      if (path === undefined) throw new AppFault('not-found', 'There is no such asset')
      return reply.type('application/octet-stream').sendFile(basename(path), dirname(path))
    },
  )
}
