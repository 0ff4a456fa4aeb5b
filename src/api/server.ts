import swagger from '@fastify/swagger'
import staticFiles from '@fastify/static'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type InjectOptions, type LightMyRequestResponse } from 'fastify'
import { ACCEPT_QUEUE_CONNECTIONS } from '#base/accept-queue.ts'
import { parseBytes } from '#base/bytes.ts'
import { AppFault } from '#domain/fault.ts'
import { loadPages } from '#web/index.ts'
import { createAuth } from './auth.ts'
import { boundConnections, refuseUnreadable } from './connections.ts'
import type { HttpConfig } from './config.ts'
import { asFault, sendFault } from './faults.ts'
import { createKnownHosts } from './known-hosts.ts'
import { openApiDocument } from './open-api.ts'
import { parseWebQuery } from './query-string.ts'
import { recordRequest } from './request-log.ts'
import type { App, Pages, Room, Routes } from './room.ts'
import { ROUTES } from './routes/index.ts'
import { secureHeaders } from './secure-headers.ts'
import type { ApiParts } from './parts.ts'
import { validatorCompiler } from './validator.ts'

const DEFAULT_MAX_BODY_BYTES = 8 * 1024 ** 2
/** Bodies of routes that say nothing else: some are open to callers without a token, and every connection may hold one. */
const SMALL_BODY_BYTES = 16 * 1024
/** A request line and its headers and body arrive within this; answers may take longer (streams, waits). */
const REQUEST_TIMEOUT_MS = 120_000
const HEARTBEAT_MS = 15_000
/** What is being answered when the hub stops has this long. */
const CLOSE_PATIENCE_MS = 2000

export interface ApiOptions {
  readonly parts: ApiParts
  readonly config: HttpConfig
  /** The web pages; by default those of the web room. */
  readonly pages?: Pages
  /** Milliseconds between heartbeats of a live stream. */
  readonly heartbeatMs?: number
  /** Route groups beside the hub's own. */
  readonly extraRoutes?: readonly Routes[]
}

export interface Api {
  /** Binds; `::` falls back to `0.0.0.0` where there is no IPv6. Throws what the bind throws, or an `AppFault` when it was closed before. */
  listen(): Promise<{ readonly address: string; readonly port: number }>
  /** Ends streams and waits, answers what is being answered, refuses the rest. */
  close(): Promise<void>
  inject(request: InjectOptions): Promise<LightMyRequestResponse>
  /** The OpenAPI document that `/api/v1/openapi.json` gives. */
  openApi(): Promise<Readonly<Record<string, unknown>>>
}

/** The HTTP server: API, live streams, boot API, pages, metrics and health. It decides nothing; `parts` do. */
export function createApi({ parts, config, pages = loadPages(), heartbeatMs = HEARTBEAT_MS, extraRoutes = [] }: ApiOptions): Api {
  const closing = new AbortController()
  const auth = createAuth({ ...parts, knowsHost: createKnownHosts({ publicUrl: config.public_url, hostName: parts.about.hostName }) })
  const maxBodyBytes = parseBytes(config.max_body) ?? DEFAULT_MAX_BODY_BYTES
  const app = createApp({ parts, config, maxBodyBytes, pages, auth, closing: closing.signal, heartbeatMs, longRequests: new WeakSet() }, [...ROUTES, ...extraRoutes])
  return {
    async listen() {
      const { port } = config
      refuseIfClosing(closing.signal)
      try {
        await app.listen({ host: config.address, port, backlog: ACCEPT_QUEUE_CONNECTIONS })
      } catch (fault) {
        if (config.address !== '::' || !['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((fault as NodeJS.ErrnoException).code ?? '')) throw fault
        await app.listen({ host: '0.0.0.0', port, backlog: ACCEPT_QUEUE_CONNECTIONS })
      }
      if (closing.signal.aborted) app.server.close()
      refuseIfClosing(closing.signal)
      const bound = app.addresses()[0] as { readonly address: string; readonly port: number }
      return { address: bound.address, port: bound.port }
    },
    async close() {
      closing.abort()
      // an upload that never ends must not keep the hub from stopping
      const patience = setTimeout(() => app.server.closeAllConnections(), CLOSE_PATIENCE_MS)
      await app.close().finally(() => clearTimeout(patience))
    },
    inject: (request) => app.inject(request),
    async openApi() {
      await app.ready()
      return app.swagger() as unknown as Record<string, unknown>
    },
  }
}

/** A server that is closed while it binds would answer 503 and keep the process. */
function refuseIfClosing({ aborted }: AbortSignal): void {
  if (aborted) throw new AppFault('shutting-down', 'the server was closed before it was bound')
}

function createApp(room: Room, groups: readonly Routes[]): App {
  const { parts, auth } = room
  let requests = 0
  const app: App = fastify({
    logger: false,
    bodyLimit: Math.min(SMALL_BODY_BYTES, room.maxBodyBytes),
    clientErrorHandler: refuseUnreadable(parts.metrics, room.longRequests),
    // a URL that cannot be decoded comes to no route, and past all hooks
    frameworkErrors(fault, request, reply) {
      secureHeaders(reply)
      parts.metrics.add('hps_http_refused_total', { reason: 'malformed' })
      void sendFault(request, reply, asFault(fault))
    },
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: { querystringParser: parseWebQuery, maxParamLength: 512 },
    // a boot file name may carry the format as a suffix, since not every loader can send a query
    rewriteUrl: ({ url = '/' }) => url.replace(/^(\/boot\/v1\/decide)\.([a-z]+)(?:\?(.*))?$/s, (_, path: string, format: string, query?: string) => `${path}?format=${format}${query === undefined ? '' : `&${query}`}`),
    genReqId: () => `${parts.about.startedMs.toString(36)}-${(requests++).toString(36)}`,
  }).withTypeProvider<TypeBoxTypeProvider>()
  boundConnections(app.server, parts.metrics)
  app.setValidatorCompiler(validatorCompiler)
  for (const name of ['caller', 'proof', 'stillValid'] as const) app.decorateRequest(name, undefined as never)

  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`route ${String(route.method)} ${route.url} does not say who may call it`)
  })
  app.addHook('onRequest', async (request, reply) => {
    secureHeaders(reply)
    if (room.closing.aborted) {
      parts.metrics.add('hps_http_refused_total', { reason: 'closing' })
      throw new AppFault('shutting-down', 'The hub is stopping')
    }
    const { access } = request.routeOptions.config
    if (access !== undefined) await auth.admit(request, access)
  })
  app.addHook('onResponse', (request, reply, done) => {
    recordRequest(parts, request, reply)
    done()
  })
  app.setNotFoundHandler((request, reply) => sendFault(request, reply, new AppFault('not-found', `There is nothing at ${request.url.split('?')[0]!}`)))
  app.setErrorHandler((thrown, request, reply) => {
    const fault = asFault(thrown)
    if (fault.code === 'internal') parts.log.error({ request_id: request.id, route: request.routeOptions.url, fault: stackOf(thrown) }, 'request failed unexpectedly')
    return sendFault(request, reply, fault)
  })

  void app.register(swagger, openApiDocument(parts.about.version))
  void app.register(staticFiles, { root: '/', serve: false, index: false, dotfiles: 'allow', cacheControl: false, contentType: false })
  void app.register(async (scope) => {
    for (const routes of groups) await scope.register(async (group) => routes(group as unknown as App, room))
  })
  return app
}

const stackOf = (thrown: unknown): string => (thrown instanceof AppFault && thrown.cause !== undefined ? `${thrown.message}: ${stackOf(thrown.cause)}` : thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
