import { formatUtc } from '#base/time.ts'
import type { IngestEvent } from '#ingest/index.ts'
import type { Health, HealthResult, Logger, Metrics } from '#telemetry/index.ts'

/** Whoever renews certificates by hand needs days; what renews them by itself does so weeks before. */
const WARN_BEFORE_MS = 14 * 86_400_000

type CertificateEvent = Extract<IngestEvent, { readonly kind: 'certificate' }>

/** Certificates of the TLS listeners in log, metrics and health. */
export interface CertificateWatch {
  on(event: CertificateEvent): void
  /** To be called about once a minute: logs when one is about to expire, and when it has. */
  tick(): void
}

/**
 * The check `certificates` warns and never fails: clients that verify the hub are turned away by an expired certificate, but
 * all else goes on being taken, and no balancer or supervisor that reads `/readyz` mends a certificate by taking the hub away.
 */
export function createCertificateWatch({ log, health, metrics, clock }: { readonly log: Logger; readonly health: Health; readonly metrics: Metrics; readonly clock: () => number }): CertificateWatch {
  const latest = new Map<string, CertificateEvent>() // one a listener
  const told = new Map<string, string>()

  const check = (): HealthResult => {
    const reasons = [...latest.values()].flatMap((event) => [...(event.fault === undefined ? [] : [`${event.listener}: changed files are not used: ${event.fault}`]), ...expiryOf(event, clock()).reasons])
    return reasons.length === 0 ? { status: 'pass' } : { status: 'warn', reason: reasons.join('; ') }
  }
  const tick = (): void => {
    for (const event of latest.values()) {
      const { state } = expiryOf(event, clock())
      if (told.get(event.listener) === state) continue
      told.set(event.listener, state)
      if (state !== 'good') log.warn(fieldsOf(event), state === 'expired' ? 'A certificate has expired' : 'A certificate is about to expire')
    }
  }
  return {
    tick,
    on(event) {
      if (latest.size === 0) health.register('certificates', check)
      latest.set(event.listener, event)
      metrics.set('hps_ingest_tls_certificate_expiry_timestamp_seconds', event.expiresMs / 1000, { listener: event.listener })
      if (event.fault === undefined) log.info(fieldsOf(event), 'Certificate in use')
      else log.error({ ...fieldsOf(event), reason: event.fault }, 'A changed certificate cannot be used; the one before stays')
      tick()
    },
  }
}

const fieldsOf = ({ listener, subject, expiresMs }: CertificateEvent) => ({ listener, subject, expires: formatUtc(expiresMs) })

function expiryOf({ listener, expiresMs }: CertificateEvent, nowMs: number): { readonly state: 'good' | 'near' | 'expired'; readonly reasons: readonly string[] } {
  const at = formatUtc(expiresMs)
  if (expiresMs <= nowMs) return { state: 'expired', reasons: [`${listener}: the certificate expired at ${at}; clients that verify it do not connect`] }
  return expiresMs - nowMs <= WARN_BEFORE_MS ? { state: 'near', reasons: [`${listener}: the certificate expires at ${at}`] } : { state: 'good', reasons: [] }
}
