/**
 * Why a handshake failed. `plain-text`: what came is no TLS. `version-or-cipher`: nothing that both sides speak. `refused-by-client`:
 * the client does not accept the hub's certificate. `reset`: the client went away. `timeout`: it took too long.
 */
export const HANDSHAKE_FAULTS = [
  'plain-text', 'http', 'version-or-cipher', 'refused-by-client', 'client-certificate-missing', 'client-certificate-untrusted', 'client-certificate-expired', 'reset', 'timeout', 'other',
] as const
export type HandshakeFault = (typeof HANDSHAKE_FAULTS)[number]

/** Error codes of Node and of OpenSSL, which Node writes as `ERR_SSL_` and the reason in capitals. */
const FAULT_OF_CODE: Readonly<Record<string, HandshakeFault>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: 'plain-text',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'plain-text',
  ERR_SSL_BAD_RECORD_TYPE: 'plain-text',
  ERR_SSL_UNEXPECTED_MESSAGE: 'plain-text',
  ERR_SSL_HTTP_REQUEST: 'http',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'http',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'version-or-cipher',
  ERR_SSL_VERSION_TOO_LOW: 'version-or-cipher',
  ERR_SSL_NO_SHARED_CIPHER: 'version-or-cipher',
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: 'version-or-cipher',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'version-or-cipher',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'version-or-cipher',
  ERR_SSL_NO_SUITABLE_GROUPS: 'version-or-cipher',
  ERR_SSL_INAPPROPRIATE_FALLBACK: 'version-or-cipher',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'version-or-cipher',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'reset',
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: 'reset',
}
/** Alerts that a client sends about a certificate (RFC 8446 section 6.2). */
const REFUSAL = /^ERR_SSL_(?:TLSV1|TLSV13|SSLV3|SSL\/TLS)_ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|ACCESS_DENIED)$/

/** Of the error that ended a handshake. */
export function handshakeFault(code: string | undefined): HandshakeFault {
  if (code === undefined) return 'other'
  return FAULT_OF_CODE[code] ?? (REFUSAL.test(code) ? 'refused-by-client' : 'other')
}

/** Of the code with which OpenSSL could not verify a client: it says `unable to get issuer` where there is no certificate at all. */
export function clientFault(code: string, isGiven: boolean): HandshakeFault {
  if (!isGiven) return 'client-certificate-missing'
  return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID' ? 'client-certificate-expired' : 'client-certificate-untrusted'
}
