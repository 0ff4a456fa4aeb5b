import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Metrics } from '#telemetry/index.ts'

export const MAX_CONNECTIONS = 8192
/** One address may have this many: no caller can lock the others out. A proxy before the hub has room too. */
const MAX_PER_ADDRESS = MAX_CONNECTIONS / 2

/** Bounds the connections of the server, in all and per address; each one refused is counted. */
export function boundConnections(server: Server, metrics: Pick<Metrics, 'add' | 'set'>, maxPerAddress = MAX_PER_ADDRESS): void {
  const open = new Map<string, number>() // at most one entry a connection
  let all = 0
  const count = (change: 1 | -1): void => metrics.set('hps_http_connections_open', (all += change))
  server.maxConnections = MAX_CONNECTIONS
  server.on('drop', () => metrics.add('hps_http_refused_total', { reason: 'connections' }))
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    const own = open.get(address) ?? 0
    if (own >= maxPerAddress) {
      metrics.add('hps_http_refused_total', { reason: 'connections-of-address' })
      socket.destroy()
      return
    }
    open.set(address, own + 1)
    count(1)
    socket.once('close', () => {
      count(-1)
      const left = open.get(address)! - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/**
 * What cannot be read as a request never comes to a route: it is answered in short, counted, and the connection closed.
 * @param longRequests sockets whose request is read as it comes in: node tells once that it takes long, and that is all right
 */
export function refuseUnreadable(metrics: Pick<Metrics, 'add'>, longRequests: WeakSet<Duplex>): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) {
      socket.destroy()
      return
    }
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && longRequests.has(socket)) return
    const [reason, status] = UNREADABLE[error.code ?? ''] ?? ['malformed', '400 Bad Request']
    metrics.add('hps_http_refused_total', { reason })
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    socket.destroy(error)
  }
}

const UNREADABLE: Readonly<Record<string, readonly [reason: 'headers' | 'too-slow', status: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers', '431 Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too-slow', '408 Request Timeout'],
}
