import { createSocket } from 'node:dgram'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Answer } from './line.ts'

/** The sockets of one address. What cannot be sent is lost, as it would be for a real node; the hub's own counters show what arrived. */
export interface Senders {
  datagram(text: string): void
  stream(text: string): void
  /** Asks a URL as iPXE does. */
  ask(url: string): Promise<Answer>
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
    datagram: (line) => udp.send(line, udpPort, host, ignoreLoss),
    stream(line) {
      tcp ??= openStream()
      if (tcp.writableLength < MAX_WAITING_BYTES) tcp.write(line)
    },
    ask: (url) => askAs(address, url),
    close() {
      udp.close()
      tcp?.end()
    },
  }
}

function askAs(address: string, url: string): Promise<Answer> {
  return new Promise((resolve) => {
    const lost = (): void => resolve({ kind: 'lost' })
    const request = get(url, { localAddress: address, timeout: ASK_TIMEOUT_MS, agent: false, headers: { 'user-agent': 'iPXE/1.21.1+git-20220113.fbbdc3926' } }, (response) => {
      text(response).then((script) => resolve(readAnswer(response, script)), lost)
    })
    request.on('timeout', () => request.destroy()).on('error', lost)
  })
}

/** iPXE comes again on 503 with `Retry-After`, and takes nothing but 200 for an answer. */
function readAnswer({ statusCode, headers }: IncomingMessage, script: string): Answer {
  if (statusCode === 503) return { kind: 'wait', retryAfterMs: Number(headers['retry-after'] ?? 5) * 1000 }
  return statusCode === 200 ? { kind: 'script', kernelUrl: /^kernel (?:--\S+ \S+ )*(\S+)/m.exec(script)?.[1] } : { kind: 'lost' }
}

/** A hub that is away is part of the demo: the nodes go on. */
const ignoreLoss = (): void => undefined
