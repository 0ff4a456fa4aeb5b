import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { PUBLIC } from '../access.ts'
import { askedOf, negotiate } from '../negotiate.ts'
import { rawQueryOf } from '../query-string.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const Query = Type.Object({
  verbose: Type.Optional(Type.String({ description: 'Name each check; callers with a token see the reasons too' })),
  exclude: Type.Optional(Type.String({ description: 'A check that does not count; may be repeated' })),
  format: Type.Optional(Type.String()),
})
const Body = Type.Any({ description: 'One line, or with `verbose` a line per check; application/health+json where JSON is asked for' })

/** Alive, and ready. Machines read the status alone; strangers learn names of checks, never reasons. */
export const healthRoutes: Routes = (app, { parts: { health, about }, closing }) => {
  const options = { config: { access: PUBLIC }, exposeHeadRoute: true } as const

  app.get('/livez', { ...options, schema: { summary: 'Does the process answer?', tags: ['hub'], response: answers({ 200: Type.String() }) } }, async (_, reply) =>
    reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send('ok\n'),
  )

  app.get('/readyz', { ...options, schema: { summary: 'Can the hub do its work?', tags: ['hub'], querystring: Query, response: { 200: Body, 503: Body } } }, async (request, reply) => {
    const report = health.report(new URLSearchParams(rawQueryOf(request.url)).getAll('exclude').flatMap((names) => names.split(',')))
    return sendHealth(request, reply, closing.aborted ? { status: 'fail', checks: {} } : report)
  })

  app.get(
    '/readyz/:check',
    {
      ...options,
      schema: { summary: 'One check', tags: ['hub'], params: Type.Object({ check: Type.String({ maxLength: 100 }) }), querystring: Query, response: { 200: Body, 503: Body } },
    },
    async (request, reply) => {
      const { check } = request.params
      const result = Object.entries(health.report().checks).find(([name]) => name === check)?.[1]
      if (result === undefined) throw new AppFault('not-found', 'There is no such check')
      return sendHealth(request, reply, { status: result.status, checks: { [check]: result } })
    },
  )

  /** draft-inadarei-api-health-check for the JSON form. */
  function sendHealth(request: FastifyRequest, reply: FastifyReply, report: ReturnType<typeof health.report>): FastifyReply {
    const mayRead = ['operator', 'viewer', 'metrics'].includes(request.caller.role)
    const { verbose } = request.query as { readonly verbose?: string }
    const isVerbose = verbose !== undefined && verbose !== '0' && verbose !== 'false'
    const checks = Object.entries(report.checks).map(([name, { status, reason }]) => ({ name, status, ...(mayRead && reason !== undefined ? { reason } : {}) }))
    void reply.code(report.status === 'fail' ? 503 : 200).header('cache-control', 'no-store')
    if (negotiate(askedOf(request)) === 'json') {
      const body = { status: report.status, ...(mayRead ? { version: about.version } : {}), ...(isVerbose ? { checks: Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest])) } : {}) }
      return reply.type('application/health+json').send(JSON.stringify(body))
    }
    const lines = isVerbose ? checks.map(({ name, status, reason }) => `[${status}] ${name}${reason === undefined ? '' : `: ${reason}`}`) : []
    return reply.type('text/plain; charset=utf-8').send([...lines, report.status === 'fail' ? 'not ready' : 'ready', ''].join('\n'))
  }
}
