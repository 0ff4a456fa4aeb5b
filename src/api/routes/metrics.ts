import { Type } from 'typebox'
import { SCRAPERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

/** The scrape. */
export const metricsRoutes: Routes = (app, { parts: { metrics } }) => {
  app.get(
    '/metrics',
    { config: { access: SCRAPERS }, schema: { summary: 'Metrics in the text exposition format', tags: ['hub'], produces: ['text/plain'], response: answers({ 200: Type.String() }) } },
    async (_, reply) => reply.type(metrics.registry.contentType).header('cache-control', 'no-store').send(await metrics.expose()),
  )
}
