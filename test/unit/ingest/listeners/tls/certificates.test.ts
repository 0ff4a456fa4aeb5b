import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { INGEST_COUNTERS, type IngestEvent } from '#ingest/index.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { createCertificates } from '../../../../../src/ingest/listeners/tls/certificates.ts'
import { anAuthority, writeCertificate, type Authority } from '../../../../support/certificates.ts'

const HOUR_MS = 3_600_000

test.for([
  { what: 'a key of another certificate', write: (authority: Authority) => ({ ...authority.issue({ name: 'hub' }), key: authority.key }), fault: 'the key does not belong to the certificate' },
  { what: 'no certificate', write: (authority: Authority) => ({ ...authority, certificate: 'nothing\n' }), fault: 'a file holds no PEM of its kind' },
  { what: 'half a key', write: (authority: Authority) => ({ ...authority, key: authority.key.slice(0, 90) }), fault: 'the key is no PEM, or of a kind that is not known' },
  { what: 'an expired certificate', write: (authority: Authority) => authority.issue({ name: 'hub', expiresMs: 0 }), fault: 'the new certificate has expired' },
  { what: 'a certificate of tomorrow', write: (authority: Authority) => authority.issue({ name: 'hub', fromMs: Date.now() + 24 * HOUR_MS }), fault: 'the new certificate is not valid yet' },
])('$what does not replace the one in use; that is said and counted once', async ({ write, fault }) => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-certificates-'))
  const authority = anAuthority()
  const events: IngestEvent[] = []
  const counters = createWorkerCounters(INGEST_COUNTERS)
  const certificates = createCertificates({ counters, post: (event) => void events.push(event), clock: Date.now })
  await certificates.open('tls', { ...writeCertificate(folder, 'hub', authority.issue({ name: 'hub' })), clients: 'none' })
  writeCertificate(folder, 'hub', write(authority))
  for (const _ of [1, 2, 3]) await certificates.look()
  writeCertificate(folder, 'hub', authority.issue({ name: 'hub-mended' }))
  for (const _ of [1, 2]) await certificates.look()
  expect(events.map((event) => event.kind === 'certificate' && [event.subject, event.fault])).toEqual([['CN=hub', undefined], ['CN=hub', fault], ['CN=hub-mended', undefined]])
  expect(counters.get('tls-certificate-faults')).toBe(1)
  expect(counters.get('tls-certificates-read')).toBe(2)
  expect(JSON.stringify(events)).not.toContain('PRIVATE')
  rmSync(folder, { recursive: true })
})
