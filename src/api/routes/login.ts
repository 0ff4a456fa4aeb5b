import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { formatUtc } from '#base/time.ts'
import { PUBLIC, SCRAPERS } from '../access.ts'
import { addressOf, isCrossSite, LOGIN_COOKIE, mayWriteWithCookie } from '../caller.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

/** How long a browser stays logged in; never longer than the token it came with. */
const LOGIN_MS = 7 * 86_400_000

/** A browser trades its token for a cookie: the address bar, the history and the log never hold the token. */
export const loginRoutes: Routes = (app, { parts: { tokens, clock, about, log }, config, auth }) => {
  const secure = config.public_url?.startsWith('https:') ?? false

  app.post(
    '/api/v1/login',
    {
      config: { access: PUBLIC },
      schema: {
        summary: 'Trade a token for a login cookie',
        description: 'Needs the header `X-Hps-Request`, which only our own pages can send.',
        tags: ['tokens'],
        body: Type.Object({ token: Type.String({ minLength: 1, maxLength: 128 }) }, { additionalProperties: false }),
        response: answers({ 200: Type.Object({ role: Type.String(), name: Type.String(), until: Type.String() }) }),
      },
    },
    async (request, reply) => {
      const address = addressOf(request)
      if (!mayWriteWithCookie(request)) auth.refuse(address, 'cross-site')
      const found = tokens.authenticate(request.body.token, address)
      if (found === undefined) return auth.refuse(address, 'bad-token')
      if (found.role === 'metrics') return auth.refuse(address, 'wrong-role')
      const untilMs = clock() + LOGIN_MS
      const { secret } = tokens.create(found.role, `${found.label}, browser at ${address}`, untilMs, found.tokenId)
      log.info({ address, role: found.role, caller: found.label }, 'browser logged in')
      return reply
        .header('set-cookie', LOGIN_COOKIE.write(secret, { maxAgeSeconds: LOGIN_MS / 1000, secure }))
        .header('cache-control', 'no-store')
        .send({ role: found.role, name: found.label, until: formatUtc(untilMs) })
    },
  )

  app.post(
    '/api/v1/logout',
    { config: { access: PUBLIC }, schema: { summary: 'End the login', tags: ['tokens'], response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      if (isCrossSite(request) || !mayWriteWithCookie(request)) throw new AppFault('forbidden', 'Requests from other web sites are refused')
      if (request.proof === 'cookie' && request.caller.tokenId !== undefined) tokens.revoke(request.caller.tokenId, 'logged out')
      return reply.code(204).header('set-cookie', LOGIN_COOKIE.write('', { maxAgeSeconds: 0, secure })).send(null)
    },
  )

  app.get(
    '/api/v1/me',
    {
      config: { access: SCRAPERS },
      schema: {
        summary: 'Who is calling, and which hub answers',
        tags: ['hub'],
        response: answers({ 200: Type.Object({ role: Type.String(), name: Type.String(), version: Type.String(), started: Type.String(), now: Type.String() }) }),
      },
    },
    async (request, reply) => {
      const { role, name } = request.caller
      return reply.header('cache-control', 'no-store').send({ role, name, version: about.version, started: formatUtc(about.startedMs), now: formatUtc(clock()) })
    },
  )
}
