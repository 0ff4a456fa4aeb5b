import type { Socket } from 'node:net'
import type { ConnectionEnd, IngestCounters } from '../counters.ts'
import type { HeldBudget } from '../framing/held-frame.ts'
import type { FramerLimits } from '../framing/stream-framer.ts'

/** One address may have this part of all connections and of what incomplete frames may hold: no sender can lock the others out. */
const MAX_SHARE = 0.5

/** A connection that was let in. */
export interface Admission {
  readonly address: string
  readonly limits: FramerLimits
  /** Who or what ended it, as far as is known by then. */
  end: ConnectionEnd
}

/** The limits of connections, handshakes that are not finished among them. */
export interface Admissions {
  /** Counts it from here until its socket is closed; undefined, and closed at once, where there are too many. */
  admit(socket: Socket, address: string): Admission | undefined
  /** From here on connections are ended by the hub. */
  stop(): void
}

interface Peer { open: number; readonly limits: FramerLimits }

export function createAdmissions({ counters, limits, maxConnections }: { readonly counters: IngestCounters; readonly limits: FramerLimits; readonly maxConnections: number }): Admissions {
  const maxPerAddress = Math.max(1, Math.ceil(maxConnections * MAX_SHARE))
  const maxHeldBytes = limits.heldBudget.freeBytes * MAX_SHARE
  const peers = new Map<string, Peer>() // at most one an open connection
  let openCount = 0
  let isStopping = false
  return {
    admit(socket, address) {
      const peer = peers.get(address) ?? { open: 0, limits: { ...limits, heldBudget: shareOf(limits.heldBudget, maxHeldBytes) } }
      if (openCount >= maxConnections || peer.open >= maxPerAddress) {
        counters.add(openCount >= maxConnections ? 'connections-refused-limit' : 'connections-refused-address')
        socket.destroy()
        return undefined
      }
      peers.set(address, peer)
      peer.open++
      counters.add('connections-accepted')
      counters.set('connections-open', ++openCount)
      const admission: Admission = { address, limits: peer.limits, end: 'peer' }
      socket.on('error', () => {
        if (admission.end === 'peer') admission.end = 'error'
      })
      socket.on('close', () => {
        counters.add(`connections-closed-${isStopping ? 'stop' : admission.end}`)
        counters.set('connections-open', --openCount)
        if (--peer.open === 0) peers.delete(address)
      })
      return admission
    },
    stop() {
      isStopping = true
    },
  }
}

/** A budget that takes from `whole`, and has at most `maxBytes` of it. */
function shareOf(whole: HeldBudget, maxBytes: number): HeldBudget {
  let ownBytes = maxBytes
  return {
    get freeBytes() {
      return Math.min(ownBytes, whole.freeBytes)
    },
    set freeBytes(bytes) {
      const change = bytes - Math.min(ownBytes, whole.freeBytes)
      ownBytes += change
      whole.freeBytes += change
    },
  }
}
