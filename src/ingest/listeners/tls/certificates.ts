import type { IngestCounters } from '../../counters.ts'
import type { IngestEvent } from '../../protocol.ts'
import type { TlsConfig } from './config.ts'
import { readCredentials, type Credentials } from './credentials.ts'
import { createTlsGate, type TlsGate } from './gate.ts'

/** A client that connects and says nothing, or too little, holds a place among the connections no longer than this. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

interface Kept { readonly listener: string; readonly files: TlsConfig; readonly gate: TlsGate; credentials: Credentials; fingerprint: string }

/** The certificates of all TLS listeners, and keeping them new. */
export interface Certificates {
  /** Throws when the files cannot be used: the listener does not open. */
  open(listener: string, files: TlsConfig): Promise<TlsGate>
  /** Reads all files again; one after the other, however often it is asked. */
  look(): Promise<void>
}

export function createCertificates({ counters, post, clock, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS }: {
  readonly counters: IngestCounters
  readonly post: (event: IngestEvent) => void
  readonly clock: () => number
  readonly handshakeTimeoutMs?: number
}): Certificates {
  const all: Kept[] = []
  let looking: Promise<void> = Promise.resolve()

  const tell = ({ listener, credentials: { subject, expiresMs } }: Kept, fault?: string) => post({ kind: 'certificate', listener, subject, expiresMs, ...(fault === undefined ? {} : { fault }) })
  const lookAt = async (kept: Kept): Promise<void> => {
    const { fingerprint, outcome } = await readCredentials(kept.files)
    if (fingerprint === kept.fingerprint) return // as it was, or as bad as it was
    kept.fingerprint = fingerprint
    const fault = outcome.ok ? outdated(outcome.value, kept.credentials, clock()) : outcome.faults[0]
    if (fault === undefined && outcome.ok) {
      kept.gate.renew(outcome.value)
      kept.credentials = outcome.value
      counters.add('tls-certificates-read')
      return tell(kept)
    }
    counters.add('tls-certificate-faults')
    tell(kept, fault)
  }
  const lookAtAll = async (): Promise<void> => {
    for (const kept of all) await lookAt(kept)
  }

  return {
    async open(listener, files) {
      const { fingerprint, outcome } = await readCredentials(files)
      if (!outcome.ok) throw new Error(`tls: ${outcome.faults[0]}`)
      const kept = { listener, files, fingerprint, credentials: outcome.value, gate: createTlsGate({ clients: files.clients, credentials: outcome.value, handshakeTimeoutMs }) }
      all.push(kept)
      counters.add('tls-certificates-read')
      tell(kept)
      return kept.gate
    },
    look: () => (looking = looking.then(lookAtAll)),
  }
}

/** Why a new certificate is worse than the one in use; of two that have expired the new one is as good. */
function outdated(next: Credentials, current: Credentials, nowMs: number): string | undefined {
  if (current.expiresMs < nowMs) return undefined
  if (next.expiresMs < nowMs) return 'the new certificate has expired'
  return next.fromMs > nowMs ? 'the new certificate is not valid yet' : undefined
}
