import { createSocket } from 'node:dgram'
import { get } from 'node:http'
import { connect, type Socket } from 'node:net'

/** The sockets of one address. What cannot be sent is lost, as it would be for a real node; the hub's own counters show what arrived. */
export interface Senders {
  datagram(text: string): void
  stream(text: string): void
  /** Asks a URL as iPXE does and throws the answer away. */
  ask(url: string): void
  close(): void
}

const ASK_TIMEOUT_MS = 5_000
/** A stream that the hub does not read is given up beyond this. */
const MAX_WAITING_BYTES = 256 * 1024

export function openSenders(address: string, { host, udpPort, tcpPort }: { readonly host: string; readonly udpPort: number; readonly tcpPort: number }): Senders {
  const udp = createSocket('udp4')
  udp.on('error', ignoreLoss)
  // bound before the first datagram, so that none leaves from another address; dgram queues what is sent meanwhile
  udp.bind({ address, port: 0 })
  let tcp: Socket | undefined
  const openStream = (): Socket => {
    const socket = connect({ host, port: tcpPort, localAddress: address })
    socket.on('error', ignoreLoss).on('close', () => (tcp = tcp === socket ? undefined : tcp))
    return socket
  }
  return {
    datagram: (text) => udp.send(text, udpPort, host, ignoreLoss),
    stream(text) {
      tcp ??= openStream()
      if (tcp.writableLength < MAX_WAITING_BYTES) tcp.write(text)
    },
    ask(url) {
      const request = get(url, { localAddress: address, timeout: ASK_TIMEOUT_MS, agent: false, headers: { 'user-agent': 'iPXE/1.21.1+git-20220113.fbbdc3926' } }, (answer) => answer.resume().on('error', ignoreLoss))
      request.on('timeout', () => request.destroy()).on('error', ignoreLoss)
    },
    close() {
      udp.close()
      tcp?.end()
    },
  }
}

/** A hub that is away is part of the demo: the nodes go on. */
const ignoreLoss = (): void => undefined
