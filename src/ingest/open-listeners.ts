import { formatBytes } from '#base/bytes.ts'
import type { Batcher } from './batcher.ts'
import type { SyslogConfig } from './config.ts'
import type { IngestCounters } from './counters.ts'
import { MAX_HELD_BYTES } from './framing/held-frame.ts'
import type { FramerLimits } from './framing/stream-framer.ts'
import { hasHeader } from './joins/console-lines.ts'
import type { ListenerTable } from './listener-counts.ts'
import { readAcceptOverflows } from './listeners/accept-overflows.ts'
import { readKernelDrops } from './listeners/kernel-drops.ts'
import { createConnections, type Connections } from './listeners/tcp.ts'
import { listenUdp, type UdpListener } from './listeners/udp.ts'
import type { BoundListener, IngestEvent } from './protocol.ts'

/** How often the kernel is asked how many datagrams it dropped, and the counts of the listeners are told. */
const TELL_EVERY_MS = 1000

export interface Listeners {
  readonly connections: Connections
  /** Binds what the configuration names and posts `listening`, or `bind-failed` and closes what was bound. */
  open(listeners: SyslogConfig['listeners']): Promise<void>
  /** Reads no more. */
  stop(): void
}

/** All sockets of the ingest thread. */
export function openListeners(options: {
  readonly batcher: Batcher
  readonly counters: IngestCounters
  readonly table: ListenerTable
  readonly clock: () => number
  readonly limits: FramerLimits
  readonly receiveBufferBytes: number
  readonly maxConnections: number
  readonly idleTimeoutMs: number
  readonly post: (event: IngestEvent) => void
  /** A connection has ended and all of it was handed on. */
  readonly onFinished: () => void
}): Listeners {
  const { batcher, counters, table, clock, receiveBufferBytes, post } = options
  const onError = (error: Error) => post({ kind: 'log', level: 'error', fields: { reason: error.message }, message: 'a syslog socket failed' })
  const connections = createConnections({ ...options, onError })
  const datagrams: (UdpListener & { knownDrops: number })[] = []
  let lookedMs = clock()
  let knownOverflows = readAcceptOverflows()

  const countKernelDrops = () => {
    const nowMs = clock()
    for (const udp of datagrams) {
      const drops = readKernelDrops(udp.bound)
      if (drops === undefined) continue // it could not be read this time: counted at the next look
      const count = drops - udp.knownDrops
      udp.knownDrops = drops
      if (count <= 0) continue
      table.of(udp.bound.name, 'udp').kernelDrops += count
      batcher.addKernelDrops({ listener: udp.bound.name, count, fromMs: lookedMs, toMs: nowMs })
    }
    lookedMs = nowMs
  }
  const countAcceptOverflows = () => {
    const overflows = readAcceptOverflows()
    if (overflows !== undefined && knownOverflows !== undefined) counters.add('accept-overflows', Math.max(0, overflows - knownOverflows))
    knownOverflows = overflows ?? knownOverflows
  }
  const tell = () => {
    countKernelDrops()
    countAcceptOverflows()
    counters.set('held-bytes', MAX_HELD_BYTES - options.limits.heldBudget.freeBytes) // half a frame may wait while nothing else comes
    post({ kind: 'listeners', listeners: table.tell() })
  }
  const timer = setInterval(tell, TELL_EVERY_MS)

  const onDatagram = (bytes: Uint8Array, sender: Parameters<Batcher['take']>[1]) => {
    if (bytes.length === 0) return counters.add('empty-datagrams')
    counters.add('datagrams')
    sender.counts.datagrams++
    batcher.take({ bytes, form: 'syslog' }, sender)
  }
  /** On a port for consoles, what has no header of its own is console text. */
  const onConsole = (bytes: Uint8Array, sender: Parameters<Batcher['take']>[1]) => {
    if (bytes.length === 0 || hasHeader(bytes)) return onDatagram(bytes, sender)
    counters.add('datagrams')
    sender.counts.datagrams++
    batcher.takeConsole(bytes, sender)
  }
  const bind = async (listener: SyslogConfig['listeners'][number]): Promise<BoundListener> => {
    if (listener.transport !== 'udp') return connections.listen({ ...listener, transport: listener.transport })
    const udp = await listenUdp({ ...listener, port: listener.port ?? 0, counts: table.of(listener.name, 'udp'), receiveBufferBytes, onDatagram: listener.form === 'netconsole' ? onConsole : onDatagram, onError })
    datagrams.push({ ...udp, knownDrops: readKernelDrops(udp.bound) ?? 0 })
    const granted = udp.bound.receiveBufferBytes ?? 0
    if (granted < receiveBufferBytes) {
      const fields = { listener: listener.name, asked: formatBytes(receiveBufferBytes), granted: formatBytes(granted), setting: 'net.core.rmem_max' }
      post({ kind: 'log', level: 'warn', fields, message: 'the kernel gave a smaller receive buffer than asked: bursts of datagrams may be lost' })
    }
    return udp.bound
  }
  let isStopped = false
  const stop = () => {
    isStopped = true
    clearInterval(timer)
    countKernelDrops()
    for (const udp of datagrams.splice(0)) udp.close()
    connections.stop()
  }
  return {
    connections,
    stop,
    async open(wanted) {
      const bound: BoundListener[] = []
      for (const listener of wanted) {
        try {
          bound.push(await bind(listener))
        } catch (error) {
          if (listener.required === false) {
            post({ kind: 'log', level: 'warn', fields: { listener: listener.name, ...(listener.path === undefined ? { port: listener.port } : { path: listener.path }), reason: (error as Error).message }, message: 'a listener could not be bound; the hub does without it' })
            continue
          }
          stop()
          post({ kind: 'bind-failed', listener: listener.name, reason: (error as Error).message })
          return
        }
        if (isStopped) return stop() // told to while this one was being bound
      }
      post({ kind: 'listening', listeners: bound })
    },
  }
}
