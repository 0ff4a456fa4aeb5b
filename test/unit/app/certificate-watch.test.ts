import { expect, test } from 'vitest'
import { createHealth, createMetrics } from '#telemetry/index.ts'
import { createCertificateWatch } from '../../../src/app/certificate-watch.ts'
import { APP_METRICS } from '../../../src/app/metrics.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 10, 22)

function aWatch() {
  const said: string[] = []
  const say = (fields: Readonly<Record<string, unknown>>, message: string) => void said.push(`${String(fields['listener'])}: ${message}`)
  const time = { nowMs: START_MS }
  const health = createHealth()
  const metrics = createMetrics(APP_METRICS)
  const watch = createCertificateWatch({ log: { debug: say, info: say, warn: say, error: say }, health, metrics, clock: () => time.nowMs })
  return { said, time, health, metrics, watch }
}
const event = (days: number, fault?: string) => ({ kind: 'certificate', listener: 'tls', subject: 'CN=hub', expiresMs: START_MS + days * DAY_MS, fault }) as const

test.for([
  { days: 15, status: 'pass', reason: undefined },
  { days: 14, status: 'warn', reason: 'tls: the certificate expires at 2026-12-06T00:00:00.000Z' },
  { days: 0, status: 'warn', reason: 'tls: the certificate expired at 2026-11-22T00:00:00.000Z; clients that verify it do not connect' },
])('with $days days left the check says $status, and the hub stays ready', ({ days, status, reason }) => {
  const { health, watch } = aWatch()
  watch.on(event(days))
  expect(health.report().checks['certificates']).toEqual(reason === undefined ? { status } : { status, reason })
  expect(health.report().status).not.toBe('fail')
})

test('a hub without TLS has no such check', () => {
  expect(aWatch().health.report().checks).toEqual({})
})

test('files that cannot be used are a warning until they can', async () => {
  const { health, metrics, said, watch } = aWatch()
  watch.on(event(90))
  watch.on(event(90, 'the key does not belong to the certificate'))
  expect(health.report().checks['certificates']).toEqual({ status: 'warn', reason: 'tls: changed files are not used: the key does not belong to the certificate' })
  watch.on(event(100))
  expect(health.report().checks['certificates']).toEqual({ status: 'pass' })
  expect(await metrics.expose()).toContain(`hps_ingest_tls_certificate_expiry_timestamp_seconds{listener="tls"} ${START_MS / 1000 + 100 * 86_400}`)
  expect(said).toEqual(['tls: Certificate in use', 'tls: A changed certificate cannot be used; the one before stays', 'tls: Certificate in use'])
})

test('that one is about to expire, and that it has, is logged once each', () => {
  const { said, time, watch } = aWatch()
  watch.on(event(20))
  for (let day = 0; day <= 25; day++) {
    time.nowMs = START_MS + day * DAY_MS
    watch.tick()
  }
  expect(said).toEqual(['tls: Certificate in use', 'tls: A certificate is about to expire', 'tls: A certificate has expired'])
})
