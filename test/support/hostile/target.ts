import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where a hostile sender finds the hub. */
export interface Target {
  readonly tcpPort: number
  readonly relpPort: number
  readonly tlsPort: number
  readonly socketPath: string
}

export const WAYS = ['tcp', 'relp', 'tls', 'unix'] as const
export type Way = (typeof WAYS)[number]

/** Connections as the kernel has made them; a TLS handshake comes after that. */
export interface Tally {
  opened: number
  failed: number
}

export interface Opening {
  readonly way: Way
  /** Picks one of the loopback addresses to send from; the hub limits connections by address. */
  readonly number: number
  /** Speak no TLS, whatever the way is. */
  readonly isBare?: boolean
}

const ADDRESSES = 20
const FIRST_ADDRESS = 2

/** A connection: `socket` to write to, `bare` the one of the kernel below TLS. */
export interface Opened {
  readonly socket: Socket
  readonly bare: Socket
}

/** Opens a connection to one of the hub's listeners. Resolves with undefined when it could not be opened. Errors of it are nobody's concern afterwards. */
export async function open(target: Target, tally: Tally, { way, number, isBare = false }: Opening): Promise<Opened | undefined> {
  const socket = way === 'unix' ? connectPlain(target.socketPath) : connectPlain({ port: portOf(target, way), host: '127.0.0.1', localAddress: `127.0.0.${FIRST_ADDRESS + (number % ADDRESSES)}` })
  socket.on('error', () => undefined)
  socket.resume() // answers are read and forgotten; an end is seen
  const isOpen = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('close', () => resolve(false)))
  if (!isOpen) {
    tally.failed++
    return undefined
  }
  tally.opened++
  if (way !== 'tls' || isBare) return { socket, bare: socket }
  const secure = connectTls({ socket, rejectUnauthorized: false })
  secure.on('error', () => undefined)
  secure.resume()
  const isSecure = await new Promise<boolean>((resolve) => secure.once('secureConnect', () => resolve(true)).once('close', () => resolve(false)))
  return isSecure ? { socket: secure, bare: socket } : undefined
}

const portOf = (target: Target, way: 'tcp' | 'relp' | 'tls'): number => ({ tcp: target.tcpPort, relp: target.relpPort, tls: target.tlsPort })[way]

/** Resolves once the connection is gone, at the latest after `withinMs`, and then it is cut off. */
export async function gone(socket: Socket, withinMs: number): Promise<void> {
  if (socket.closed) return
  const timer = setTimeout(() => socket.destroy(), withinMs)
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  clearTimeout(timer)
}
