import type { Duplex } from 'node:stream'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { PageFile } from '#web/index.ts'
import type { Auth } from './auth.ts'
import type { HttpConfig } from './config.ts'
import type { ApiParts } from './parts.ts'

/** Fastify with the schemas' types. */
export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

/** The web pages by file name: `index.html`, `app.css`, … */
export type Pages = ReadonlyMap<string, PageFile>

/** What route groups are given. */
export interface Room {
  readonly parts: ApiParts
  readonly config: HttpConfig
  /** Of the routes that take uploads; all others take little. */
  readonly maxBodyBytes: number
  readonly pages: Pages
  readonly auth: Auth
  /** Aborted when the hub stops: long answers end. */
  readonly closing: AbortSignal
  readonly heartbeatMs: number
  /** Sockets whose request may take as long as it likes to arrive. */
  readonly longRequests: WeakSet<Duplex>
}
export type Routes = (app: App, room: Room) => void
