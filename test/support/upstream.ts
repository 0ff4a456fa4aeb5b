import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Batch } from '#domain/batch.ts'
import type { ForwardSinkConfig } from '#sinks/config.ts'
import { createForwardSink, diskFiles, type SinksEvent } from '#sinks/threads.ts'
import type { SinkFiles } from '../../src/sinks/file/files.ts'
import type { Sink } from '../../src/sinks/protocol.ts'
import { until } from './child.ts'
import { NAMES } from './forwarded.ts'
import { batchOf, NOON_MS } from './store/batches.ts'

/** A RELP server that answers as a test says; it keeps the texts it got, in their order, over all connections. */
export interface RelpServer extends AsyncDisposable {
  readonly port: number
  readonly texts: string[]
  /** The whole messages. */
  readonly frames: string[]
  readonly connections: () => number
  /** Messages that are acknowledged from now on; the rest waits. */
  answer: number
  /** Cuts all connections. */
  cut(): void
}

export async function aRelpServer({ answer = Infinity }: { readonly answer?: number } = {}): Promise<RelpServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let rest = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        const head = /^(\d+) (\w+) (\d+)(?: |(?=\n))/.exec(rest.toString('latin1', 0, 60))
        const end = head === null ? Infinity : head[0].length + Number(head[3])
        if (head === null || rest.length <= end) return
        take(socket, head[1]!, head[2]!, rest.toString('utf8', head[0].length, end))
        rest = rest.subarray(end + 1)
      }
    })
  })
  function take(socket: Socket, transaction: string, command: string, data: string): void {
    if (command === 'syslog') {
      self.frames.push(data)
      self.texts.push(data.slice(data.lastIndexOf('] ') + 2))
      if (self.answer-- <= 0) return
    }
    socket.write(`${transaction} rsp 6 200 OK\n`)
    if (command === 'close') socket.end('0 serverclose 0\n')
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: RelpServer = {
    port: (server.address() as AddressInfo).port, texts: [], frames: [], connections: () => connections, answer,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async [Symbol.asyncDispose]() {
      self.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}

/** A store in memory and a forwarder; `elapsedMs` runs by itself and can be moved on. */
export function aForwarder({ folder, port, config = {}, files = diskFiles }: { readonly folder: string; readonly port: number; readonly config?: Partial<ForwardSinkConfig>; readonly files?: SinkFiles }) {
  const batches: Batch[] = []
  const events: SinksEvent[] = []
  const state = { lastSeq: 0, skippedMs: 0 }
  const made: ForwardSinkConfig = {
    kind: 'forward', name: 'up', transport: 'relp', host: '127.0.0.1', port, start: 'oldest', format: 'text', mode: '0640', window: 16,
    rotate: { size: 'none', age: 'none', keep: 1, compress: 'none' }, ...config,
  }
  const make = (): Sink => createForwardSink({
    config: made, positionPath: join(folder, 'up.json'), files, hubId: '0123456789abcdef', names: NAMES,
    reader: { batchAfter: (after) => batches.find(({ firstSeq, rows }) => firstSeq + rows - 1 > after), settle() {}, close() {} },
    matcher: () => () => true, committedSeq: () => state.lastSeq, clock: () => NOON_MS, elapsedMs: () => performance.now() + state.skippedMs, random: () => 0.5, tell: (event) => void events.push(event),
  })
  let sink = make()
  return {
    events,
    get sink() {
      return sink
    },
    commit(texts: readonly string[]) {
      const batch = batchOf(texts.map((text) => ({ node: 1, session: 7, app: 'app', text })))
      batch.firstSeq = state.lastSeq + 1
      state.lastSeq += texts.length
      batches.push(batch)
    },
    forget: (uptoSeq: number) => void batches.splice(0, batches.findLastIndex(({ firstSeq, rows }) => firstSeq + rows - 1 <= uptoSeq) + 1),
    skip: (ms: number) => void (state.skippedMs += ms),
    /** Steps until it is so. */
    until: (what: string, ask: () => boolean) => until(what, () => {
      while (sink.step());
      return ask()
    }, { withinMs: 5000, everyMs: 2 }),
    /** As after a kill: nothing is said to the server, nothing is saved; the clock has moved on by what a start takes. */
    replace() {
      sink = make()
      state.skippedMs += 60_000
    },
  }
}
