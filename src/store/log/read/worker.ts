import { AppFault } from '#domain/fault.ts'
import type { LogReader, SearchOptions, SearchProgress } from '../../port.ts'
import type { ReaderPort, ReaderReply, ReaderRequest, ReaderValue } from './protocol.ts'
import { openLogReader, type LogReaderOptions } from './reader.ts'

/** Progress is told no more often than a person can see it. */
const PROGRESS_EVERY_MS = 100

/** The worker's half: answers requests from `port` one after the other, for as long as the thread lives. */
export function serveReader(port: ReaderPort, options: LogReaderOptions): void {
  const reader = openLogReader(options)
  port.on('message', (message) => {
    const request = message as ReaderRequest
    const tell = sparingly(options.clock, (progress) => port.postMessage({ id: request.id, progress } satisfies ReaderReply))
    let reply: ReaderReply
    try {
      reply = { id: request.id, ok: true, value: answer(reader, request, tell) }
    } catch (error) {
      const code = error instanceof AppFault ? error.code : 'store-failed'
      reply = { id: request.id, ok: false, code, reason: error instanceof Error ? error.message : String(error) }
    }
    port.postMessage(reply)
  })
}

function answer(reader: LogReader, request: ReaderRequest, onProgress: (progress: SearchProgress) => void): ReaderValue {
  switch (request.kind) {
    case 'search':
      return reader.search(request.query, { ...request.options, ...whileAsked(request.cancel), onProgress })
    case 'count':
      return reader.count(request.query, { ...request.options, ...whileAsked(request.cancel), onProgress })
    case 'read-after':
      return reader.readAfter(request.afterSeq, request.limit)
    case 'messages':
      return request.seqs.flatMap((seq) => reader.message(seq) ?? [])
    case 'context':
      return reader.context(request.seq, request.options)
    case 'stats':
      return reader.stats()
  }
}

function whileAsked(cancel: SharedArrayBuffer): Required<Pick<SearchOptions, 'isCancelled'>> {
  const flag = new Int32Array(cancel)
  return { isCancelled: () => Atomics.load(flag, 0) === 1 }
}

/** Not at once: most searches are over before anybody would want to know. */
function sparingly(clock: () => number, tell: (progress: SearchProgress) => void): (progress: SearchProgress) => void {
  let lastMs = clock()
  return (progress) => {
    const nowMs = clock()
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return
    lastMs = nowMs
    tell(progress)
  }
}
