import { expect, test } from 'vitest'
import { createHandshakeLog } from '../../../../../src/ingest/listeners/tls/handshake-log.ts'
import { clientFault, handshakeFault } from '../../../../../src/ingest/listeners/tls/handshake-faults.ts'

test('a flood of failures is one line a minute for each reason, and the lines count all of them', () => {
  let nowMs = 0
  const lines: unknown[] = []
  const log = createHandshakeLog({ post: (event) => event.kind === 'log' && lines.push([event.fields['reason'], event.fields['address'], event.fields['count']]), elapsedMs: () => nowMs })
  for (let i = 0; i < 1000; i++) log.failed('tls', 'plain-text', `10.0.0.${i % 3}`)
  log.failed('tls', 'http', '10.0.0.9')
  log.tick()
  expect(lines).toEqual([['plain-text', '10.0.0.0', 1], ['http', '10.0.0.9', 1]])
  nowMs = 60_000
  log.tick()
  log.tick()
  expect(lines.slice(2)).toEqual([['plain-text', '10.0.0.0', 999]])
  nowMs = 90_000
  log.failed('tls', 'plain-text', '10.0.0.5')
  expect(lines).toHaveLength(3)
})

test.for([
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'plain-text'],
  ['ERR_SSL_HTTP_REQUEST', 'http'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'version-or-cipher'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'version-or-cipher'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'refused-by-client'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'refused-by-client'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'refused-by-client'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
  ['ECONNRESET', 'reset'],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'other'],
  [undefined, 'other'],
] as const)('%s is %s', ([code, fault]) => {
  expect(handshakeFault(code)).toBe(fault)
})

test.for([
  ['CERT_HAS_EXPIRED', true, 'client-certificate-expired'],
  ['CERT_NOT_YET_VALID', true, 'client-certificate-expired'],
  ['UNABLE_TO_GET_ISSUER_CERT', true, 'client-certificate-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', false, 'client-certificate-missing'],
] as const)('%s, given: %s, is %s', ([code, isGiven, fault]) => {
  expect(clientFault(code, isGiven)).toBe(fault)
})
