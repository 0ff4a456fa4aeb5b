import type { FastifyReply, FastifyRequest } from 'fastify'
import { cut, printable } from '#base/text.ts'
import type { ApiParts } from './parts.ts'

const MAX_LOGGED_PATH = 200

/** Counts an answered request and logs it: writes at `info`, the hub's own failures at `warn`, reads at `debug`. Query strings are never logged. */
export function recordRequest({ metrics, log }: Pick<ApiParts, 'metrics' | 'log'>, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'none'
  const { method } = request
  const { statusCode } = reply
  metrics.add('hps_http_requests_total', { route, method, status: String(statusCode) })
  metrics.observe('hps_http_request_duration_seconds', reply.elapsedTime / 1000, { route, method })
  const fields = {
    request_id: request.id,
    method,
    path: cut(printable(request.url.split('?', 1)[0]!), MAX_LOGGED_PATH),
    status: statusCode,
    duration_ms: Math.round(reply.elapsedTime),
    role: request.caller?.role,
    caller: request.caller?.name,
    address: request.caller?.address,
  }
  if (statusCode >= 500 && statusCode !== 503) log.warn(fields, 'request failed')
  else if (method === 'GET' || method === 'HEAD') log.debug(fields, 'request answered')
  else log.info(fields, 'request answered')
}
