import { Type } from 'typebox'
import { READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

/** The OpenAPI document. */
export const overviewRoutes: Routes = (app) => {
  app.get(
    '/api/v1/openapi.json',
    { config: { access: READERS }, schema: { summary: 'This document', tags: ['hub'], response: answers({ 200: Type.Any({ description: 'OpenAPI 3.1' }) }) } },
    async (_, reply) => reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  )
}
