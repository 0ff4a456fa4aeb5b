import { once } from 'node:events'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { canonicalIp } from '#base/ip.ts'
import type { ListenerCounts } from '../listener-counts.ts'
import type { BoundListener } from '../protocol.ts'
import { createSender, type Sender } from '../sender.ts'
import { bindWithFallback } from './bind-address.ts'

/** Senders remembered by a socket; beyond that all are forgotten, which costs a look-up each. */
const MAX_REMEMBERED = 65_536
/** SO_RCVBUF reads back as twice what was granted, for the kernel's own bookkeeping (socket(7)). */
const KERNEL_DOUBLING = 2

export interface UdpListener {
  readonly bound: BoundListener
  close(): void
}

/** Binds a socket and gives each datagram to `onDatagram` at once; the bytes belong to the receiver. Throws when it cannot be bound. */
export function listenUdp(options: {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly counts: ListenerCounts
  /** Asked of the kernel; what it gave stands in `bound`. */
  readonly receiveBufferBytes: number
  readonly onDatagram: (bytes: Uint8Array, sender: Sender) => void
  readonly onError: (error: Error) => void
}): Promise<UdpListener> {
  const { name, port, counts, receiveBufferBytes, onDatagram, onError } = options
  const senders = new Map<string, Sender>()
  const senderOf = (remote: RemoteInfo): Sender => {
    let sender = senders.get(remote.address)
    if (sender === undefined) {
      if (senders.size === MAX_REMEMBERED) senders.clear()
      sender = createSender({ address: canonicalIp(remote.address) ?? remote.address, transport: 'udp', listener: name }, counts)
      senders.set(remote.address, sender)
    }
    return sender
  }
  return bindWithFallback(options.address, async (address) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' })
    await bindSocket(socket, { address, port, receiveBufferBytes })
    socket.on('error', onError)
    socket.on('message', (bytes, remote) => onDatagram(bytes, senderOf(remote)))
    const own = socket.address()
    return {
      bound: { name, transport: 'udp' as const, address: own.address, port: own.port, receiveBufferBytes: socket.getRecvBufferSize() / KERNEL_DOUBLING },
      close: () => void socket.close(),
    }
  })
}

async function bindSocket(socket: Socket, where: { readonly address: string; readonly port: number; readonly receiveBufferBytes: number }): Promise<void> {
  const { address, port, receiveBufferBytes } = where
  try {
    socket.bind({ address, port })
    await once(socket, 'listening')
    socket.setRecvBufferSize(receiveBufferBytes)
  } catch (error) {
    socket.close()
    throw error
  }
}
