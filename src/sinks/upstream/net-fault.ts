import type { SinkFault } from '../protocol.ts'
import type { FlowFault } from './flow.ts'

const FAULTS: Readonly<Record<string, SinkFault>> = {
  ENOTFOUND: 'name', EAI_AGAIN: 'name', EAI_FAIL: 'name', ECONNREFUSED: 'unreachable', EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout', ECONNRESET: 'closed', EPIPE: 'closed', ENOENT: 'missing', EACCES: 'refused', EPERM: 'refused',
}
const OF_TLS = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH|ERROR_IN_|INVALID_|PATH_LENGTH)/

/** What an error of a connection means to whoever looks after it. */
export function netFault(error: unknown): FlowFault {
  const { code = '', message = String(error), errors } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: string; readonly message?: string; readonly errors?: readonly Error[] }
  const fault = FAULTS[code] ?? (OF_TLS.test(code) ? 'tls' : 'failed')
  // where all addresses of a name were tried, each has its own reason
  return { fault, reason: message !== '' ? message : (errors?.map((each) => each.message).join('; ') ?? code) }
}
