import { AppFault } from '#domain/fault.ts'
import type { LogReader } from '../../port.ts'
import type { ReaderPort, ReaderReply, ReaderRequest, ReaderValue } from './protocol.ts'
import { openLogReader, type LogReaderOptions } from './reader.ts'

/** The worker's half: answers requests from `port` one after the other, for as long as the thread lives. */
export function serveReader(port: ReaderPort, options: LogReaderOptions): void {
  const reader = openLogReader(options)
  port.on('message', (message) => {
    const request = message as ReaderRequest
    let reply: ReaderReply
    try {
      reply = { id: request.id, ok: true, value: answer(reader, request) }
    } catch (error) {
      const code = error instanceof AppFault ? error.code : 'store-failed'
      reply = { id: request.id, ok: false, code, reason: error instanceof Error ? error.message : String(error) }
    }
    port.postMessage(reply)
  })
}

function answer(reader: LogReader, request: ReaderRequest): ReaderValue {
  switch (request.kind) {
    case 'search': {
      const cancel = new Int32Array(request.cancel)
      return reader.search(request.query, { ...request.options, isCancelled: () => Atomics.load(cancel, 0) === 1 })
    }
    case 'read-after':
      return reader.readAfter(request.afterSeq, request.limit)
    case 'message':
      return reader.message(request.seq)
    case 'context':
      return reader.context(request.seq, request.options)
    case 'stats':
      return reader.stats()
  }
}
