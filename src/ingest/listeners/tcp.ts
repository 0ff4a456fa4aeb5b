import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { canonicalIp } from '#base/ip.ts'
import type { Batcher } from '../batcher.ts'
import type { ConnectionEnd, IngestCounters } from '../counters.ts'
import type { HeldBudget } from '../framing/held-frame.ts'
import type { FramerLimits } from '../framing/stream-framer.ts'
import type { BoundListener } from '../protocol.ts'
import { createSender } from '../sender.ts'
import { bindWithFallback } from './bind-address.ts'
import { Connection } from './connection.ts'
import { RelpConnection } from './relp-connection.ts'

/** One address may have this part of all connections and of what incomplete frames may hold: no sender can lock the others out. */
const MAX_SHARE = 0.5
/** A longer timer overflows and fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Connections of all TCP listeners together: their limit, and stopping and going on as one. */
export interface Connections {
  /** Binds a listener. Throws when it cannot be bound. */
  listen(where: StreamListener): Promise<BoundListener>
  /** All batches up to this one are settled; the last of them is on disk, or was refused: clients that wait for it are told. */
  settle(batch: number, isStored: boolean): void
  /** Room was made: goes on with what was left over, then reads again. @returns false when room ran out again */
  resume(): boolean
  /** Accepts no more, reads no more, hands on what was read. `resume` until `isDrained`. */
  stop(): void
  readonly isDrained: boolean
}

interface StreamListener { readonly name: string; readonly transport: 'tcp' | 'relp'; readonly address: string; readonly port: number }

export function createConnections(options: {
  readonly batcher: Batcher
  readonly limits: FramerLimits
  readonly counters: IngestCounters
  readonly maxConnections: number
  readonly idleTimeoutMs: number
  /** A listener cannot accept for the moment (out of file descriptors, say); it goes on listening. */
  readonly onError: (error: Error) => void
  /** A connection has ended and all of it was handed on. */
  readonly onFinished: () => void
}): Connections {
  const { batcher, limits, counters, maxConnections, onError, onFinished } = options
  const idleTimeoutMs = Math.min(options.idleTimeoutMs, MAX_TIMER_MS)
  const servers: Server[] = []
  const live = new Set<Connection | RelpConnection>() // at most maxConnections, and those that ended while no batch was free
  const maxPerAddress = Math.max(1, Math.ceil(maxConnections * MAX_SHARE))
  const peers = new Map<string, Peer>() // at most one an open connection
  const maxHeldBytes = limits.heldBudget.freeBytes * MAX_SHARE
  const waiting = new Set<RelpConnection>() // a part of `live`
  let openCount = 0
  let isPaused = false

  const pause = () => {
    isPaused = true
    for (const connection of live) connection.pause()
    counters.set('connections-paused', live.size)
  }
  const open = (socket: Socket, { name, transport }: StreamListener, own: { readonly address: string; readonly limits: FramerLimits }) => {
    const wiring = { socket, batcher, limits: own.limits, sender: createSender({ address: own.address, transport, listener: name }) }
    return transport === 'relp' ? new RelpConnection({ ...wiring, counters, waiting }) : new Connection(wiring)
  }
  const accept = (socket: Socket, listener: StreamListener): void => {
    const address = canonicalIp(socket.remoteAddress ?? '')
    if (address === undefined) return void socket.destroy() // the peer is gone already
    const peer = peers.get(address) ?? { open: 0, limits: { ...limits, heldBudget: shareOf(limits.heldBudget, maxHeldBytes) } }
    if (openCount >= maxConnections || peer.open >= maxPerAddress) {
      counters.add(openCount >= maxConnections ? 'connections-refused-limit' : 'connections-refused-address')
      return void socket.destroy()
    }
    peers.set(address, peer)
    peer.open++
    counters.add('connections-accepted')
    counters.set('connections-open', ++openCount)
    const connection = open(socket, listener, { address, limits: peer.limits })
    live.add(connection)
    let end: ConnectionEnd = 'peer'
    socket.on('data', (chunk) => {
      if (!connection.onData(chunk as Buffer)) pause()
    })
    socket.setTimeout(idleTimeoutMs, () => {
      end = 'idle'
      socket.destroy()
    })
    socket.on('error', () => (end = 'error'))
    socket.on('close', () => {
      counters.add(`connections-closed-${servers.length === 0 ? 'stop' : end}`)
      counters.set('connections-open', --openCount)
      if (--peer.open === 0) peers.delete(address)
      if (!connection.end()) return pause()
      live.delete(connection)
      onFinished()
    })
    if (isPaused) socket.pause()
  }

  return {
    async listen(listener) {
      const { name, transport, address, port } = listener
      return bindWithFallback(address, async (host) => {
        const server = createServer({ keepAlive: true, noDelay: false }, (socket) => accept(socket, listener))
        await listenServer(server, { host, port })
        server.on('error', onError)
        servers.push(server)
        const own = server.address() as AddressInfo
        return { name, transport, address: own.address, port: own.port }
      })
    },
    settle(batch, isStored) {
      for (const connection of waiting) connection.settle(batch, isStored)
    },
    resume() {
      if (!isPaused) return true
      const waiting = [...live] // served ones are put back at the end of `live`, which must not prolong the loop
      for (const connection of waiting) {
        if (!connection.resume()) {
          pause()
          return false
        }
        // To the end of the queue: when room runs out again, the next one is served first.
        live.delete(connection)
        if (!connection.isFinished) live.add(connection)
      }
      isPaused = false
      counters.set('connections-paused', 0)
      return true
    },
    stop() {
      for (const server of servers.splice(0)) server.close()
      for (const connection of live) connection.destroy()
    },
    get isDrained() {
      return live.size === 0
    },
  }
}

interface Peer { open: number; readonly limits: FramerLimits }

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

async function listenServer(server: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  server.listen({ ...where, ipv6Only: false })
  await once(server, 'listening') // rejects with the server's error
}
