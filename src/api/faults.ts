import type { FastifyReply, FastifyRequest } from 'fastify'
import { printable } from '#base/text.ts'
import { AppFault, FAULTS, type FaultCode } from '#domain/fault.ts'
import { htmlPage } from './html.ts'
import { ipxeWords } from './ipxe-words.ts'
import { askedOf, negotiate, programOf, varies, type Format } from './negotiate.ts'
import type { FaultView } from './parts.ts'

/** Refusals that pass by themselves: iPXE is told to come again, since it honours 503 with Retry-After and drops every other body. */
const PASSING: ReadonlySet<FaultCode> = new Set(['too-many', 'store-failed', 'shutting-down'])
const DEFAULT_RETRY_SECONDS = 5

/** Faults that fastify and its plugins raise, as ours. */
const FASTIFY_CODES: Readonly<Record<string, FaultCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-type',
  FST_ERR_NOT_FOUND: 'not-found',
  FST_ERR_BAD_URL: 'bad-request',
  FST_ERR_ASYNC_CONSTRAINT: 'not-found',
}
const STATUS_CODES: Readonly<Record<number, FaultCode>> = { 400: 'bad-request', 404: 'not-found', 413: 'too-large', 414: 'too-large', 415: 'unsupported-type', 416: 'bad-range', 503: 'shutting-down' }

/** Any thrown thing as a fault of the catalogue; what is not known is the hub's own mistake and tells the caller nothing. */
export function asFault(thrown: unknown): AppFault {
  if (thrown instanceof AppFault) return thrown
  const { code, statusCode, message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as { code?: string; statusCode?: number; message?: string }
  const known = FASTIFY_CODES[code ?? ''] ?? STATUS_CODES[statusCode ?? 0]
  if (/^SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN|BUSY)/.test(code ?? '')) return new AppFault('store-failed', `hub.db cannot be written: ${message ?? ''}`, { cause: thrown })
  if (known !== undefined) return new AppFault(known, message ?? FAULTS[known].title, { cause: thrown })
  return new AppFault('internal', 'The cause is in the log of the hub, under this request id', { cause: thrown })
}

/** RFC 9457, with the members of `FaultView` and whatever the fault carries (positions, choices). */
export function problemOf(fault: AppFault, requestId: string): FaultView & Readonly<Record<string, unknown>> {
  const { status, title } = FAULTS[fault.code]
  return { ...fault.detail, type: `urn:hps:fault:${fault.code}`, title, status, code: fault.code, detail: fault.message, request_id: requestId }
}

/** Answers with the fault in the caller's medium: browsers a page, shells JSON, iPXE a script, unknown callers of the boot API text. */
export function sendFault(request: FastifyRequest, reply: FastifyReply, fault: AppFault): FastifyReply {
  const { status, title } = FAULTS[fault.code]
  const format = faultFormat(request)
  varies(reply).code(status)
  if (fault.code === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="hps"')
  if (PASSING.has(fault.code)) reply.header('retry-after', String(fault.detail['retry_after_seconds'] ?? DEFAULT_RETRY_SECONDS))
  switch (format) {
    case 'ipxe':
      // a script in place of a kernel would be booted as one
      if (isFile(request)) return reply.type('text/plain; charset=utf-8').send(textFault(fault, request.id))
      return reply.code(PASSING.has(fault.code) ? 503 : 200).type('text/plain; charset=utf-8').send(ipxeFault(fault, request.id))
    case 'html':
      return reply.type('text/html; charset=utf-8').send(htmlPage({ title, facts: [['What happened', fault.message], ['Code', fault.code], ['Request', request.id]] }))
    case 'text':
      return reply.type('text/plain; charset=utf-8').send(textFault(fault, request.id))
    case 'json':
      return reply.type('application/problem+json').send(JSON.stringify(problemOf(fault, request.id)))
  }
}

const isFile = (request: FastifyRequest): boolean => request.url.startsWith('/boot/v1/asset/')
const textFault = (fault: AppFault, requestId: string): string => `${fault.code}: ${printable(fault.message)} (request ${requestId})\n`

/** As for answers, but a shell gets JSON (its scripts read members), and so does everyone at the JSON API who names nothing else. */
function faultFormat(request: FastifyRequest): Format {
  const asked = askedOf(request)
  const isJsonApi = request.url.startsWith('/api/')
  const format = negotiate(asked, isJsonApi ? 'json' : 'text')
  const named = asked.format !== undefined || /text\/plain/.test(asked.accept ?? '')
  return format === 'text' && !named && (isJsonApi || programOf(asked.userAgent) === 'shell') ? 'json' : format
}

/** iPXE shows it for ten seconds and goes on to what the firmware boots next. */
function ipxeFault(fault: AppFault, requestId: string): string {
  return [
    '#!ipxe', `echo HPS hub: ${ipxeWords(FAULTS[fault.code].title)}`, `echo ${ipxeWords(fault.message)}`, `echo ${fault.code}, request ${ipxeWords(requestId)}`,
    'sleep 10', 'exit 1', '',
  ].join('\n')
}
