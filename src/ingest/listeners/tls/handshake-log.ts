import type { IngestEvent } from '../../protocol.ts'
import type { HandshakeFault } from './handshake-faults.ts'

/** One line a minute for each listener and reason, however many come. */
export const TELL_EVERY_MS = 60_000

/** Logs failed handshakes: the first at once, what follows within a minute as a number. */
export interface HandshakeLog {
  failed(listener: string, fault: HandshakeFault, address: string): void
  /** To be called about once a minute: says what has not been said. */
  tick(): void
}

interface Told { readonly listener: string; readonly fault: HandshakeFault; atMs: number; untold: number; address: string }

export function createHandshakeLog({ post, elapsedMs }: { readonly post: (event: IngestEvent) => void; readonly elapsedMs: () => number }): HandshakeLog {
  const told = new Map<string, Told>() // at most one for each listener and reason
  const tell = (entry: Told): void => {
    const { listener, fault, untold, address } = entry
    post({ kind: 'log', level: 'warn', fields: { listener, reason: fault, address, count: untold }, message: 'TLS handshakes failed' })
    entry.untold = 0
    entry.atMs = elapsedMs()
  }
  return {
    failed(listener, fault, address) {
      const key = `${listener} ${fault}`
      const entry = told.get(key) ?? { listener, fault, atMs: -Infinity, untold: 0, address }
      told.set(key, entry)
      entry.untold++
      entry.address = address
      if (elapsedMs() - entry.atMs >= TELL_EVERY_MS) tell(entry)
    },
    tick() {
      for (const entry of told.values()) if (entry.untold > 0 && elapsedMs() - entry.atMs >= TELL_EVERY_MS) tell(entry)
    },
  }
}
